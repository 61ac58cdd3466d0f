import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { readdir, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import { backoffMs, type Backoff } from '../session/backoff.ts'

/** Where captures go for good; keys are their paths under the folder of all captures. */
export interface CaptureBucket {
  /** What lies at a key, by the bucket's own account. */
  find(key: string): Promise<Content | undefined>
  /** Puts a file there in one piece, never over another. */
  put(key: string, file: Content & { readonly path: string }): Promise<void>
}

export interface Content {
  readonly size: number
  /** Hexadecimal. */
  readonly sha256: string
}

/** Uploads finished files, the oldest first, for as long as it runs. */
export interface Uploader {
  /** There is a file to upload. */
  wake(): void
  /** Deletes files that the bucket has too; false if there was none. */
  makeRoom(): Promise<boolean>
  /** Files that are finished and not uploaded yet. */
  backlog(): Promise<number>
  /** Lets the upload that is under way end. */
  stop(): Promise<void>
}

export interface UploaderOptions {
  readonly root: string
  readonly bucket: CaptureBucket
  /** Keeps uploaded files too, until room is needed. */
  readonly keepLocal: boolean
  readonly backoff?: Backoff
  readonly onTrouble: (message: string, error?: unknown) => void
}

const BACKOFF: Backoff = { firstMs: 1000, mostMs: 60_000 }

export function startUploader(options: UploaderOptions): Uploader {
  const uploader = new BucketUploader(options)
  uploader.wake()
  return uploader
}

class BucketUploader implements Uploader {
  readonly #options: UploaderOptions
  readonly #stopping = new AbortController()
  /** Files that the bucket has too. */
  readonly #uploaded = new Set<string>()
  /** Files of which the bucket has another: a person must see to them. */
  readonly #refused = new Set<string>()
  #running: Promise<void> | undefined
  #isAwake = false

  constructor(options: UploaderOptions) {
    this.#options = options
  }

  wake(): void {
    this.#isAwake = true
    if (this.#stopping.signal.aborted) return
    this.#running ??= this.#run().finally(() => {
      this.#running = undefined
    })
  }

  async makeRoom(): Promise<boolean> {
    const keys = [...this.#uploaded]
    for (const key of keys) await this.#drop(key)
    return keys.length > 0
  }

  async backlog(): Promise<number> {
    return (await this.#waiting()).length
  }

  async stop(): Promise<void> {
    this.#stopping.abort()
    await this.#running
  }

  async #run(): Promise<void> {
    const { backoff = BACKOFF, onTrouble } = this.#options
    const { signal } = this.#stopping
    for (let failures = 0; this.#isAwake && !signal.aborted;) {
      this.#isAwake = false
      try {
        await this.#uploadAll(signal)
        failures = 0
      } catch (error) {
        onTrouble('Captures wait to be uploaded', error)
        this.#isAwake = true
        const wait = backoffMs(backoff, ++failures)
        await sleep(wait, undefined, { signal }).catch(() => undefined)
      }
    }
  }

  async #uploadAll(signal: AbortSignal): Promise<void> {
    for (const key of await this.#waiting()) {
      if (signal.aborted) return
      await this.#upload(key)
    }
  }

  async #upload(key: string): Promise<void> {
    const { root, bucket, keepLocal, onTrouble } = this.#options
    const path = join(root, key)
    const content = await contentOf(path)
    let found = await bucket.find(key)
    if (!found) {
      await bucket.put(key, { ...content, path })
      found = await bucket.find(key)
      if (!found) throw new Error(`${key} is not there after it was put`)
    }
    if (found.size !== content.size || found.sha256 !== content.sha256) {
      this.#refused.add(key)
      onTrouble(`The bucket has another ${key}: compare it with the local one, and move one away`)
      return
    }
    this.#uploaded.add(key)
    if (!keepLocal) await this.#drop(key)
  }

  async #drop(key: string): Promise<void> {
    await rm(join(this.#options.root, key), { force: true })
    this.#uploaded.delete(key)
  }

  async #waiting(): Promise<readonly string[]> {
    const keys = await finishedFiles(this.#options.root)
    return keys.filter((key) => !this.#uploaded.has(key) && !this.#refused.has(key))
  }
}

/** Paths of finished files under a folder, the oldest hour first. */
async function finishedFiles(root: string): Promise<readonly string[]> {
  const names = await readdir(root, { recursive: true }).catch(() => [])
  return names.filter((name) => name.endsWith('.lz4')).toSorted(byHour)
}

/** `exchange/market/connection/20250101/7/…`: by day, then hour, which is not padded. */
function byHour(left: string, right: string): number {
  const [, , , leftDay = '', leftHour = ''] = left.split('/')
  const [, , , rightDay = '', rightHour = ''] = right.split('/')
  return leftDay.localeCompare(rightDay) || Number(leftHour) - Number(rightHour)
}

async function contentOf(path: string): Promise<Content> {
  const hash = createHash('sha256')
  await pipeline(createReadStream(path), hash)
  return { size: (await stat(path)).size, sha256: hash.digest('hex') }
}
