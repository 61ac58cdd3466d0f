/** The bytes are not a whole LZ4 frame from here on; everything before was decoded. */
export class FrameError extends Error {
  override readonly name = 'FrameError'
  /** Where in the compressed object it was found, in bytes. */
  readonly offset: number
  readonly expected: string

  constructor(expected: string, found: string, offset: number, options?: ErrorOptions) {
    super(`LZ4 frame broken at byte ${offset}: expected ${expected}, found ${found}.`, options)
    this.offset = offset
    this.expected = expected
  }
}
