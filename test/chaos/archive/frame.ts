import { compressFrameSync } from 'lz4-napi'

/** A single LZ4 frame, and what a reader can make of it. */
export interface Frame {
  readonly bytes: Buffer
  /** It ends as it should. */
  readonly whole: boolean
  /** A whole frame of those blocks of `bytes` that are whole. */
  readonly readable: Buffer
}

/** Magic number and descriptor: independent blocks of at most 64 KiB, no checksums. */
const HEADER = Buffer.from('04224d18604082', 'hex')
const END_MARK = Buffer.alloc(4)
const BLOCK_BYTES = 60_000

/** A frame of lines; each block ends with a line. */
export function frameOf(lines: readonly string[]): Frame {
  const bytes = join(blocksOf(lines))
  return { bytes, whole: true, readable: bytes }
}

/**
 * The same, cut at a point (0 to 1) of its blocks: so much of it is not there.
 * @throws Error when there are no lines
 */
export function cutFrameOf(lines: readonly string[], point: number): Frame {
  const blocks = blocksOf(lines)
  const at = Math.floor(point * blocks.length)
  const cut = blocks[at]
  if (!cut) throw new Error('A frame without lines cannot be cut')
  const whole = blocks.slice(0, at)
  const part = cut.subarray(0, 1 + Math.floor((cut.length - 2) * (point * blocks.length - at)))
  return { bytes: Buffer.concat([HEADER, ...whole, part]), whole: false, readable: join(whole) }
}

function join(blocks: readonly Buffer[]): Buffer {
  return Buffer.concat([HEADER, ...blocks, END_MARK])
}

/** Some of the lines make a block each, so that a cut frame has a readable part. */
function blocksOf(lines: readonly string[]): Buffer[] {
  const perBlock = Math.max(1, Math.ceil(lines.length / 4))
  const blocks: Buffer[] = []
  let text = ''
  let count = 0
  for (const line of lines) {
    if (count === perBlock || text.length + line.length >= BLOCK_BYTES) {
      blocks.push(blockOf(text))
      text = ''
      count = 0
    }
    text += `${line}\n`
    count += 1
  }
  if (text.length > 0) blocks.push(blockOf(text))
  return blocks
}

/** The block of a frame of one block: what stands between its header and its end mark. */
function blockOf(text: string): Buffer {
  const frame = compressFrameSync(Buffer.from(text))
  if (!frame.subarray(0, HEADER.length).equals(HEADER))
    throw new Error('lz4-napi writes another header')
  return frame.subarray(HEADER.length, frame.length - END_MARK.length)
}
