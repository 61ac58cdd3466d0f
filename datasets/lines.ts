/** Cuts bytes that arrive in pieces into lines. */
export interface LineSplitter {
  /**
   * Lines that `chunk` completes, without line ends. A line is valid until the generator goes on. In
   * its memory a line end follows it, so that nobody reads on into what was there before.
   * @throws LineTooLongError
   */
  push(chunk: Uint8Array): Generator<Buffer, void>
  /** The last line, where no line end follows it. */
  end(): Generator<Buffer, void>
}

/** A line is longer than any record can be: the bytes are not what they claim to be. */
export class LineTooLongError extends Error {
  override readonly name = 'LineTooLongError'
  readonly limit: number

  constructor(limit: number) {
    super(`A line is longer than ${limit} bytes.`)
    this.limit = limit
  }
}

/** Longest line that is read, in bytes. */
export const LINE_LIMIT = 16 * 1024 * 1024

const LF = 0x0a
const CR = 0x0d
const BOM = Buffer.from([0xef, 0xbb, 0xbf])

/**
 * Lines end with LF or CRLF; blank lines and a UTF-8 byte order mark at the start are dropped. A
 * line inside one chunk is a view of it; only a line that spans chunks is copied.
 */
export function createLineSplitter(limit = LINE_LIMIT): LineSplitter {
  let carry = Buffer.allocUnsafeSlow(4096)
  let held = 0
  let first = true

  /** Copies: views would keep every chunk of a long line alive, however small its part. */
  function hold(part: Buffer): void {
    if (held + part.length >= carry.length) {
      const larger = Buffer.allocUnsafeSlow(Math.max(2 * carry.length, held + part.length + 1))
      carry.copy(larger, 0, 0, held)
      carry = larger
    }
    part.copy(carry, held)
    held += part.length
    carry[held] = LF
    // Line end and byte order mark do not count, and may still be part of what is held.
    if (held > limit + BOM.length + 1) throw new LineTooLongError(limit)
  }

  function* finish(last: Buffer): Generator<Buffer, void> {
    if (held > 0) hold(last)
    const line = trim(held > 0 ? carry.subarray(0, held) : last, first)
    held = 0
    first = false
    if (line.length > limit) throw new LineTooLongError(limit)
    if (line.length > 0) yield line
  }

  return {
    *push(chunk) {
      const bytes = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength)
      let start = 0
      for (let end = bytes.indexOf(LF); end >= 0; end = bytes.indexOf(LF, start)) {
        yield* finish(bytes.subarray(start, end))
        start = end + 1
      }
      if (start < bytes.length) hold(bytes.subarray(start))
    },
    end: () => finish(Buffer.alloc(0)),
  }
}

function trim(line: Buffer, first: boolean): Buffer {
  const start = first && line.subarray(0, BOM.length).equals(BOM) ? BOM.length : 0
  const end = line.length > start && line[line.length - 1] === CR ? line.length - 1 : line.length
  return start === 0 && end === line.length ? line : line.subarray(start, end)
}
