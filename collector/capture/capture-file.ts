import { constants, open, mkdir, rename, type FileHandle } from 'node:fs/promises'
import { dirname } from 'node:path'
import { compressFrame } from 'lz4-napi'
import type { Block } from './block.ts'
import { capturePath, UNFINISHED, type CapturePlace } from './place.ts'

/** One file of a capture while it is written: whole LZ4 frames, one behind the other. */
export interface CaptureFile {
  /** Bytes that are on disk. */
  readonly size: number
  /**
   * Appends blocks and waits until they are on disk. What a failure leaves in part, trying again writes
   * over and mending cuts off.
   * @throws the error of the file system
   */
  append(blocks: readonly Block[]): Promise<void>
  /** Gives the file its final name; returns its path. */
  finish(): Promise<string>
  /** Lets go of the file as it is; it is mended at the next start. */
  abandon(): Promise<void>
}

/** Creates the file whose first line is of `time`, never one that exists. */
export async function createCaptureFile(place: CapturePlace, time: bigint): Promise<CaptureFile> {
  const { handle, path } = await createNew(place, time)
  let size = 0

  async function append(blocks: readonly Block[]): Promise<void> {
    let end = size
    for (const block of blocks) {
      const frame = await compressFrame(block.bytes, { contentChecksum: true })
      await writeAll(handle, frame, end)
      end += frame.length
    }
    await handle.datasync()
    size = end
  }

  return {
    get size() {
      return size
    },
    append,
    async finish() {
      await handle.close()
      await rename(path + UNFINISHED, path)
      await syncFolder(path)
      return path
    },
    abandon: () => handle.close(),
  }
}

async function createNew(
  place: CapturePlace,
  time: bigint,
): Promise<{ handle: FileHandle; path: string }> {
  // Two parts may begin in one millisecond; within the hour there is always another.
  for (let at = time; ; at += 1_000_000n) {
    const path = capturePath(place, at)
    await mkdir(dirname(path), { recursive: true })
    const handle = await openNew(path)
    if (!handle) continue
    await syncFolder(path)
    return { handle, path }
  }
}

async function openNew(path: string): Promise<FileHandle | undefined> {
  if (await exists(path)) return undefined
  const flags = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL
  try {
    return await open(path + UNFINISHED, flags, 0o640)
  } catch (error) {
    if (codeOf(error) === 'EEXIST') return undefined
    throw error
  }
}

async function exists(path: string): Promise<boolean> {
  try {
    await (await open(path, constants.O_RDONLY)).close()
    return true
  } catch {
    return false
  }
}

async function writeAll(handle: FileHandle, bytes: Buffer, position: number): Promise<void> {
  for (let at = 0; at < bytes.length;) {
    const { bytesWritten } = await handle.write(bytes, at, bytes.length - at, position + at)
    at += bytesWritten
  }
}

/** Brings the name of a file to disk: its folder. */
export async function syncFolder(path: string): Promise<void> {
  const folder = await open(dirname(path), constants.O_RDONLY)
  try {
    await folder.sync()
  } finally {
    await folder.close()
  }
}

/** The system's code of an error, `ENOSPC`. */
export function codeOf(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error ? String(error.code) : undefined
}
