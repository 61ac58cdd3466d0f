/** Text of 4 to 8 bytes that is compared as two numbers: its first and its last four bytes. */
export interface Literal {
  readonly length: number
  readonly first: number
  readonly last: number
}

/** @throws RangeError for a text of another length */
export function literal(text: string): Literal {
  const bytes = Buffer.from(text)
  if (bytes.length > 8) throw new RangeError(`Longer than 8 bytes: ${text}`)
  return {
    length: bytes.length,
    first: bytes.readInt32LE(0),
    last: bytes.readInt32LE(bytes.length - 4),
  }
}

/** Whether a literal stands at a position. There must be 8 bytes to read. */
export function isAt(view: DataView, at: number, { length, first, last }: Literal): boolean {
  return view.getInt32(at, true) === first && view.getInt32(at + length - 4, true) === last
}

/** Whether some bytes stand at a position. */
export function matches(bytes: Uint8Array, at: number, expected: Uint8Array): boolean {
  for (let offset = 0; offset < expected.length; offset++) {
    if (bytes[at + offset] !== expected[offset]) return false
  }
  return true
}
