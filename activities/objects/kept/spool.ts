import { createHash, randomUUID } from 'node:crypto'
import { createWriteStream, type WriteStream } from 'node:fs'
import { mkdir, readdir, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { finished } from 'node:stream/promises'
import type { WholeCopy } from './kept-objects.ts'

/** Writes bodies to files of their own while they pass, and never keeps one waiting. */
export interface Spools {
  open(): Promise<Spool>
}

/** One body on its way to a file. What goes wrong ends the writing, not the body. */
export interface Spool {
  write(bytes: Uint8Array): void
  /** The file, when all that was written is in it. */
  finish(): Promise<Omit<WholeCopy, 'etag'> | undefined>
  /** Gives up what is not finished, and takes away the file. */
  drop(): void
}

/** Told of what goes wrong. */
export type OnTrouble = (error: unknown) => void

/** Bytes of all bodies that may wait for the disk: a slower one is left behind. */
const MOST_WAITING = 64 * 1024 * 1024

/** Spools in a folder, which is made when it is needed. */
export function createSpools(folder: string, onTrouble: OnTrouble): Spools {
  const budget = { waiting: 0 }
  void removeOld(folder)
  return {
    open: async () => {
      await mkdir(folder, { recursive: true }).catch(onTrouble)
      return openSpool(join(folder, `${randomUUID()}.part`), budget, onTrouble)
    },
  }
}

function openSpool(file: string, budget: { waiting: number }, onTrouble: OnTrouble): Spool {
  const hash = createHash('sha256')
  const stream = createWriteStream(file, { flags: 'wx' })
  let size = 0
  let over = false

  const drop = () => {
    over = true
    removeWhenClosed(stream, file)
  }
  const fail = (error: unknown) => {
    if (!over) onTrouble(error)
    drop()
  }
  stream.on('error', fail)
  return {
    write: (bytes) => {
      if (over) return
      const { length } = bytes
      if (budget.waiting + length > MOST_WAITING) {
        return fail(new Error('the disk is slower than the archive'))
      }
      budget.waiting += length
      size += length
      hash.update(bytes)
      stream.write(bytes, () => (budget.waiting -= length))
    },
    finish: async () => {
      if (over) return undefined
      stream.end()
      await finished(stream)
      return { file, size, sha256: hash.digest('hex') }
    },
    drop,
  }
}

function removeWhenClosed(stream: WriteStream, file: string): void {
  const remove = () => void rm(file, { force: true }).catch(() => {})
  if (stream.closed) return remove()
  stream.once('close', remove)
  stream.destroy()
}

/** Milliseconds after which a file is of a process that is no more. */
const OLD = 24 * 3_600_000

/** Takes away what processes left behind that were killed. */
async function removeOld(folder: string): Promise<void> {
  const names = await readdir(folder).catch(() => [])
  for (const name of names) {
    const file = join(folder, name)
    const modified = await stat(file).catch(() => undefined)
    if (modified && modified.mtimeMs < Date.now() - OLD) await rm(file, { force: true })
  }
}
