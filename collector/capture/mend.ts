import { createContainer } from '@backtide/datasets/containers/create-container'
import { headerRest, HEADER_START } from '@backtide/datasets/containers/lz4/frame-header'
import { open, readdir, rename, rm, type FileHandle } from 'node:fs/promises'
import { join, sep } from 'node:path'
import { syncFolder } from './capture-file.ts'
import { timeOfLine } from './line.ts'
import { UNFINISHED } from './place.ts'

/** A file that a process left behind without finishing it. */
export interface Mended {
  /** Its final path; the file is gone if no line of it was whole. */
  readonly path: string
  /** Receive time of its last whole line: from here on a hole begins. */
  readonly durable: bigint | undefined
  /** What was cut off its end. */
  readonly cutBytes: number
}

/**
 * Finishes the files under a folder that a process left unfinished: each is cut behind its last whole
 * frame, which ends with a whole line. To be run before any capture of the same server is begun; run
 * again after a crash in the middle it goes on.
 */
export async function mendCaptures(root: string): Promise<readonly Mended[]> {
  const names = await readdir(root, { recursive: true }).catch(() => [])
  const mended: Mended[] = []
  for (const name of names.filter((one) => one.endsWith(UNFINISHED)).toSorted()) {
    mended.push(await mend(join(root, name)))
  }
  return mended
}

/**
 * When a connection was last heard of, of whose folders a process left files unfinished: of two that
 * overlapped the earlier, for the later one may not have brought everything yet.
 */
export function lastLineIn(
  mended: readonly Mended[],
  folders: readonly string[],
): bigint | undefined {
  const [first, ...others] = mended.flatMap(({ path, durable }) =>
    durable !== undefined && folders.some((folder) => path.startsWith(folder + sep)) ? durable : [],
  )
  return others.reduce((least, one) => (least !== undefined && least < one ? least : one), first)
}

async function mend(unfinished: string): Promise<Mended> {
  const path = unfinished.slice(0, -UNFINISHED.length)
  const file = await open(unfinished, 'r+')
  let whole: Whole
  let cutBytes: number
  try {
    whole = await findWhole(file)
    cutBytes = (await file.stat()).size - whole.end
    if (cutBytes > 0) await file.truncate(whole.end)
    await file.sync()
  } finally {
    await file.close()
  }
  if (whole.end === 0) await rm(unfinished)
  else await rename(unfinished, path)
  await syncFolder(path)
  return { path, durable: whole.durable, cutBytes }
}

interface Whole {
  readonly end: number
  readonly durable: bigint | undefined
}

/** How far the frames of a file are whole, and when their last line was received. */
async function findWhole(file: FileHandle): Promise<Whole> {
  let whole: Whole = { end: 0, durable: undefined }
  for (;;) {
    const length = await frameLength(file, whole.end)
    const frame = length === undefined ? undefined : await readAt(file, whole.end, length)
    const durable = frame && lastTime(frame)
    if (length === undefined || durable === undefined) return whole
    whole = { end: whole.end + length, durable }
  }
}

const MAGIC_BYTES = 4
const SIZE_BYTES = 4
const STORED = 0x80000000
/** More than any frame of a capture has: what claims to be longer is none. */
const MOST_BYTES = 256 * 1024 * 1024

/** Bytes of the frame at a position as its own sizes say; undefined where it is cut. */
async function frameLength(file: FileHandle, start: number): Promise<number | undefined> {
  const head = await readAt(file, start, MAGIC_BYTES + HEADER_START)
  if (!head) return undefined
  const flags = head.subarray(MAGIC_BYTES)
  const checksum = (flags[0] ?? 0) & 0x04 ? 4 : 0
  let at = start + head.length + headerRest(flags)
  while (at - start < MOST_BYTES) {
    const field = await readAt(file, at, SIZE_BYTES)
    if (!field) return undefined
    const size = field.readUInt32LE()
    at += SIZE_BYTES
    if (size === 0) return at + checksum - start
    at += size & ~STORED
  }
  return undefined
}

async function readAt(
  file: FileHandle,
  position: number,
  length: number,
): Promise<Buffer | undefined> {
  const bytes = Buffer.allocUnsafe(length)
  for (let at = 0; at < length;) {
    const { bytesRead } = await file.read(bytes, at, length - at, position + at)
    if (bytesRead === 0) return undefined
    at += bytesRead
  }
  return bytes
}

const LF = 0x0a

/** Receive time of a frame's last line; undefined if its bytes do not hold what its checksums say. */
function lastTime(frame: Buffer): bigint | undefined {
  let tail: Buffer = Buffer.alloc(0)
  try {
    const container = createContainer('lz4')
    for (const chunk of container.push(frame)) {
      const bytes = Buffer.from(chunk)
      const end = bytes.lastIndexOf(LF, -2)
      tail = end < 0 ? Buffer.concat([tail, bytes]) : lastLine(bytes, end)
    }
    container.end()
  } catch {
    return undefined
  }
  return timeOfLine(lastLine(tail, tail.lastIndexOf(LF, -2)).toString())
}

function lastLine(bytes: Buffer, before: number): Buffer {
  return bytes.subarray(before + 1)
}
