/** What an object is wrapped in. */
export type ContainerKind = 'lz4' | 'gzip' | 'zip' | 'none'

/** Unfolds an object that arrives in pieces of any size, in bounded memory. */
export interface Container {
  /**
   * Unfolds what `bytes` completes. Run the generator to its end; the chunks it yields are not to be
   * changed, may be parts of `bytes`, and are valid until the generator goes on.
   * @throws ContainerError after all that could be unfolded was yielded
   */
  push(bytes: Uint8Array): Generator<Uint8Array, void>
  /** @throws ContainerError when the bytes so far are not whole */
  end(): void
}

/** The bytes are not what they claim to be from here on; everything before was unfolded. */
export class ContainerError extends Error {
  override readonly name = 'ContainerError'
  /** Where in the packed object it was found, in bytes. */
  readonly offset: number
  readonly expected: string

  constructor({ what, expected, found, offset }: Fault, options?: ErrorOptions) {
    super(`${what} broken at byte ${offset}: expected ${expected}, found ${found}.`, options)
    this.offset = offset
    this.expected = expected
  }
}

interface Fault {
  /** The kind of container, for people. */
  readonly what: string
  readonly expected: string
  readonly found: string
  readonly offset: number
}
