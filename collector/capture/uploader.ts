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
  const { root, bucket, keepLocal, onTrouble, backoff = BACKOFF } = options
  const stopping = new AbortController()
  /** Files that the bucket has, and those it has another of, which a person must see to. */
  const uploaded = new Set<string>()
  const refused = new Set<string>()
  let running: Promise<void> | undefined
  let isAwake = false

  async function upload(key: string): Promise<void> {
    const path = join(root, key)
    const content = await contentOf(path)
    let found = await bucket.find(key)
    if (!found) {
      await bucket.put(key, { ...content, path })
      found = await bucket.find(key)
      if (!found) throw new Error(`${key} is not there after it was put`)
    }
    if (found.size !== content.size || found.sha256 !== content.sha256) {
      refused.add(key)
      onTrouble(
        `The bucket has another ${key}; the local file is kept: compare the two, and move one away`,
      )
      return
    }
    uploaded.add(key)
    if (!keepLocal) await drop(key)
  }

  async function drop(key: string): Promise<void> {
    await rm(join(root, key), { force: true })
    uploaded.delete(key)
  }

  async function waiting(): Promise<readonly string[]> {
    const keys = await finishedFiles(root)
    return keys.filter((key) => !uploaded.has(key) && !refused.has(key))
  }

  async function run(): Promise<void> {
    for (let failures = 0; isAwake && !stopping.signal.aborted;) {
      isAwake = false
      try {
        for (const key of await waiting()) {
          if (stopping.signal.aborted) return
          await upload(key)
          failures = 0
        }
      } catch (error) {
        onTrouble('Captures wait to be uploaded', error)
        isAwake = true
        const wait = backoffMs(backoff, ++failures)
        await sleep(wait, undefined, { signal: stopping.signal }).catch(() => undefined)
      }
    }
  }

  function wake(): void {
    isAwake = true
    if (stopping.signal.aborted) return
    running ??= run().finally(() => {
      running = undefined
    })
  }

  wake()
  return {
    wake,
    async makeRoom() {
      const keys = [...uploaded]
      for (const key of keys) await drop(key)
      return keys.length > 0
    },
    backlog: async () => (await waiting()).length,
    async stop() {
      stopping.abort()
      await running
    },
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
