import fc from 'fast-check'

/** How often a fuzz test runs: `FUZZ_RUNS=100000` for a long one. */
export const FUZZ_RUNS = Number(process.env.FUZZ_RUNS ?? 150)

/** Some bytes after a few accidents: flips, inserts, deletions, repeated and cut parts. */
export function mutationsOf(content: Buffer): fc.Arbitrary<Buffer> {
  const place = fc.nat(content.length)
  const size = fc.oneof({ weight: 4, arbitrary: fc.nat(8) }, { weight: 1, arbitrary: fc.nat(2000) })
  const accident = fc.oneof(
    fc.tuple(place, BYTE).map(([at, byte]) => replace(at, 1, [byte])),
    fc.tuple(place, fc.array(BYTE, { maxLength: 4 })).map(([at, bytes]) => replace(at, 0, bytes)),
    fc.tuple(place, fc.nat(7)).map(([at, bit]) => flip(at, bit)),
    fc.tuple(place, size).map(([at, removed]) => replace(at, removed, [])),
    fc.tuple(place, place, size).map(([at, from, repeated]) => {
      return replace(at, 0, content.subarray(from, from + repeated))
    }),
    place.map((at) => replace(at, content.length, [])),
  )
  return fc
    .array(accident, { minLength: 1, maxLength: 12 })
    .map((all) => all.reduce((bytes, apply) => apply(bytes), content))
}

/** Bytes that mean something in JSON, CSV and numbers more often than others. */
const BYTE = fc.oneof(
  fc.constantFrom(...Buffer.from('0123456789.eE+-"\\{}[],:nulZTa \t\r\n')),
  fc.constantFrom(0x00, 0x80, 0xc3, 0xef, 0xff),
)

type Accident = (bytes: Buffer) => Buffer

function replace(at: number, length: number, by: Uint8Array | readonly number[]): Accident {
  return (bytes) => {
    return Buffer.concat([bytes.subarray(0, at), Uint8Array.from(by), bytes.subarray(at + length)])
  }
}

function flip(at: number, bit: number): Accident {
  return (bytes) => {
    const flipped = Buffer.from(bytes)
    if (at < flipped.length) flipped[at] = (flipped[at] ?? 0) ^ (1 << bit)
    return flipped
  }
}
