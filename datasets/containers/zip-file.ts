import { crc32 } from 'node:zlib'
import { ContainerError } from './container.ts'
import { createInflater, InflateError, type Inflater } from './inflater.ts'
import type { LocalHeader } from './zip-records.ts'

/** The content of a file in a zip archive, counted as it passes. */
export class ZipFile {
  /** Bytes that were read, and that came out. */
  packed = 0
  size = 0
  crc = 0
  readonly #header: LocalHeader
  readonly #inflater: Inflater | undefined

  constructor(header: LocalHeader) {
    this.#header = header
    this.#inflater = header.isDeflated ? createInflater('raw') : undefined
  }

  isAtEnd(): boolean {
    return this.#inflater ? this.#inflater.isAtEnd() : this.packed === this.#header.packed
  }

  /**
   * Yields what the bytes unfold to; returns how many of them are of this file. They begin at
   * `offset` of the archive.
   * @throws ContainerError
   */
  *push(bytes: Uint8Array, offset: number): Generator<Uint8Array, number> {
    const taken = yield* this.#inflater
      ? this.#inflate(this.#inflater, bytes, offset)
      : this.#pass(bytes)
    this.packed += taken
    return taken
  }

  *#inflate(inflater: Inflater, bytes: Uint8Array, offset: number): Generator<Uint8Array, number> {
    try {
      for (const chunks = inflater.push(bytes); ;) {
        const { done, value } = chunks.next()
        if (done) return value
        yield this.#count(value)
      }
    } catch (cause) {
      if (!(cause instanceof InflateError)) throw cause
      const fault = { expected: 'a deflated file', found: cause.message }
      throw new ContainerError({ what: 'zip', ...fault, offset: offset + cause.taken }, { cause })
    }
  }

  *#pass(bytes: Uint8Array): Generator<Uint8Array, number> {
    const content = bytes.subarray(0, this.#header.packed - this.packed)
    yield this.#count(content)
    return content.length
  }

  #count(chunk: Uint8Array): Uint8Array {
    this.size += chunk.length
    this.crc = crc32(chunk, this.crc)
    return chunk
  }
}
