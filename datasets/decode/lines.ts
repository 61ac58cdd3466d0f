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
  return new Splitter(limit)
}

/** A class, as is all that every line passes through: closures of each object are compiled anew. */
class Splitter implements LineSplitter {
  readonly #limit: number
  #carry = Buffer.allocUnsafeSlow(4096)
  #held = 0
  #first = true

  constructor(limit: number) {
    this.#limit = limit
  }

  *push(chunk: Uint8Array): Generator<Buffer, void> {
    const bytes = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength)
    let start = 0
    for (let end = bytes.indexOf(LF); end >= 0; end = bytes.indexOf(LF, start)) {
      const line = this.#complete(bytes.subarray(start, end))
      if (line.length > 0) yield line
      start = end + 1
    }
    if (start < bytes.length) this.#hold(bytes.subarray(start))
  }

  *end(): Generator<Buffer, void> {
    const line = this.#complete(Buffer.alloc(0))
    if (line.length > 0) yield line
  }

  /** The line that ends with `last`, without what does not count. */
  #complete(last: Buffer): Buffer {
    if (this.#held > 0) this.#hold(last)
    const line = trim(this.#held > 0 ? this.#carry.subarray(0, this.#held) : last, this.#first)
    this.#held = 0
    this.#first = false
    if (line.length > this.#limit) throw new LineTooLongError(this.#limit)
    return line
  }

  /** Copies: views would keep every chunk of a long line alive, however small its part. */
  #hold(part: Buffer): void {
    const length = this.#held + part.length
    if (length >= this.#carry.length) {
      const larger = Buffer.allocUnsafeSlow(Math.max(2 * this.#carry.length, length + 1))
      this.#carry.copy(larger, 0, 0, this.#held)
      this.#carry = larger
    }
    part.copy(this.#carry, this.#held)
    this.#held = length
    this.#carry[length] = LF
    // Line end and byte order mark do not count, and may still be part of what is held.
    if (length > this.#limit + BOM.length + 1) throw new LineTooLongError(this.#limit)
  }
}

/** A line without the UTF-8 byte order mark it may begin with. */
export function withoutMark(line: Buffer): Buffer {
  return line[0] === BOM[0] && line.subarray(0, BOM.length).equals(BOM)
    ? line.subarray(BOM.length)
    : line
}

function trim(line: Buffer, first: boolean): Buffer {
  const text = first ? withoutMark(line) : line
  return text[text.length - 1] === CR ? text.subarray(0, -1) : text
}
