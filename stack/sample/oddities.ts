import { compressFrameSync } from 'lz4-napi'

/** What is odd about an object of the sample; `plain` is not. */
export type Oddity =
  | 'plain'
  /** Not there at all. */
  | 'missing'
  /** A valid LZ4 frame without content. */
  | 'empty_frame'
  | 'zero_bytes'
  /** Two frames, the second cut in its middle: the lines of the first are there. */
  | 'truncated'
  /** One line twice, byte for byte. */
  | 'duplicated_line'
  /** Two frames, one after the other. */
  | 'concatenated_frames'
  /** Two different books of one exchange millisecond. */
  | 'same_millisecond'
  /** An object of the real archive. */
  | 'real'

/** Bytes of an object with these lines and this oddity; undefined when there is no object. */
export function oddObject(oddity: Oddity, lines: readonly string[]): Uint8Array | undefined {
  switch (oddity) {
    case 'missing':
      return undefined
    case 'zero_bytes':
      return new Uint8Array()
    case 'empty_frame':
      return frame([])
    case 'truncated':
      return cut(Buffer.concat(halves(lines).map(frame)))
    case 'duplicated_line':
      return frame(twice(lines))
    case 'concatenated_frames':
      return Buffer.concat(halves(lines).map(frame))
    case 'same_millisecond':
      return frame(sameMillisecond(lines))
    default:
      return frame(lines)
  }
}

function frame(lines: readonly string[]): Buffer {
  return compressFrameSync(Buffer.from(lines.map((line) => `${line}\n`).join('')))
}

function cut(bytes: Uint8Array): Uint8Array {
  return bytes.subarray(0, Math.floor(bytes.length * 0.75))
}

function middle(lines: readonly string[]): number {
  return Math.floor(lines.length / 2)
}

function halves(lines: readonly string[]): string[][] {
  return [lines.slice(0, middle(lines)), lines.slice(middle(lines))]
}

function twice(lines: readonly string[]): string[] {
  return lines.flatMap((line, index) => (index === middle(lines) ? [line, line] : [line]))
}

const EXCHANGE_TIME = /"time":(\d+),"levels"/

/** Gives the book after the middle one the exchange time of the middle one. */
function sameMillisecond(lines: readonly string[]): string[] {
  const time = EXCHANGE_TIME.exec(lines[middle(lines)] ?? '')?.[1]
  return lines.map((line, index) =>
    index === middle(lines) + 1 ? line.replace(EXCHANGE_TIME, `"time":${time},"levels"`) : line,
  )
}
