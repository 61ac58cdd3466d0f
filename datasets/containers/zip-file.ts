import { crc32 } from 'node:zlib'
import { ContainerError } from './container.ts'
import { createInflater, inflateWhole, InflateError, type Inflater } from './inflater.ts'
import type { LocalHeader } from './zip-records.ts'

/** The content of a file in a zip archive, counted as it passes. */
export class ZipFile {
  /** Bytes that were read, and that came out. */
  packed = 0
  size = 0
  crc = 0
  readonly #header: LocalHeader
  #inflater: Inflater | undefined
  #isAtEnd: boolean

  constructor(header: LocalHeader) {
    this.#header = header
    this.#isAtEnd = !header.isDeflated && header.packed === 0
  }

  isAtEnd(): boolean {
    return this.#isAtEnd
  }

  /**
   * Yields what the bytes unfold to; returns how many of them are of this file. They begin at
   * `offset` of the archive.
   * @throws ContainerError
   */
  *push(bytes: Uint8Array, offset: number): Generator<Uint8Array, number> {
    const taken = yield* this.#header.isDeflated ? this.#inflate(bytes, offset) : this.#pass(bytes)
    this.packed += taken
    return taken
  }

  *#inflate(bytes: Uint8Array, offset: number): Generator<Uint8Array, number> {
    const whole = this.#mayBeWhole(bytes) ? inflateWhole(bytes) : undefined
    if (!whole) return yield* this.#inflateOn(bytes, offset)
    this.#isAtEnd = true
    yield this.#count(whole.content)
    return whole.taken
  }

  /** Where sizes follow the file, only trying can tell. */
  #mayBeWhole({ length }: Uint8Array): boolean {
    const { hasDescriptor, packed } = this.#header
    return this.packed === 0 && (hasDescriptor || packed <= length)
  }

  *#inflateOn(bytes: Uint8Array, offset: number): Generator<Uint8Array, number> {
    const inflater = (this.#inflater ??= createInflater('raw'))
    try {
      for (const chunks = inflater.push(bytes); ;) {
        const { done, value } = chunks.next()
        this.#isAtEnd = inflater.isAtEnd()
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
    this.#isAtEnd = this.packed + content.length === this.#header.packed
    yield this.#count(content)
    return content.length
  }

  #count(chunk: Uint8Array): Uint8Array {
    this.size += chunk.length
    this.crc = crc32(chunk, this.crc)
    return chunk
  }
}
