import fc from 'fast-check'
import type { DecodeOptions } from '../../../contract/decode.ts'

/** Limits from ones that hold a whole object to ones so tight that records come too late. */
export const LIMITS: fc.Arbitrary<DecodeOptions> = fc.record({
  piece: fc.integer({ min: 1, max: 4000 }),
  chunkBytes: fc.constantFrom(1, 700, 1 << 20),
  reorderBytes: fc.constantFrom(1, 900, 5000, 1 << 24),
})

/** Text of an object with these lines: line ends, blank lines, a byte order mark, as they come. */
export function textOf(lines: fc.Arbitrary<string[]>): fc.Arbitrary<Buffer> {
  const end = fc.oneof(
    { weight: 20, arbitrary: fc.constant('\n') },
    { weight: 1, arbitrary: fc.constantFrom('\r\n', '\n\n', '\n \n', '') },
  )
  const start = fc.oneof(
    { weight: 9, arbitrary: fc.constant('') },
    { weight: 1, arbitrary: fc.constant('\uFEFF') },
  )
  return lines.chain((all) => {
    const ends = fc.array(end, { minLength: all.length, maxLength: all.length })
    return fc.tuple(start, ends).map(([first, each]) => {
      return Buffer.from(first + all.map((line, at) => line + each[at]).join(''))
    })
  })
}

/** Lines in some disorder, some of them again. */
export function disordered(lines: readonly string[]): fc.Arbitrary<string[]> {
  const moved = fc.oneof({ weight: 5, arbitrary: fc.constant(0) }, fc.integer({ min: -6, max: 6 }))
  const place = fc.record({ shift: moved, again: fc.nat(9).map((chance) => chance === 0) })
  return fc.array(place, { minLength: lines.length, maxLength: lines.length }).map((places) =>
    lines
      .flatMap((line, at) => {
        const { shift = 0, again = false } = places[at] ?? {}
        const once = { line, key: at + shift }
        return again ? [once, { line, key: at + 2 }] : [once]
      })
      .toSorted((a, b) => a.key - b.key)
      .map(({ line }) => line),
  )
}

/** Rarely what is odd, else what is usual. */
export function rarely<T>(
  odd: fc.Arbitrary<T>,
  usual: fc.Arbitrary<T>,
  weight = 30,
): fc.Arbitrary<T> {
  return fc.oneof({ weight, arbitrary: usual }, { weight: 1, arbitrary: odd })
}

const DIGITS = fc.constantFrom(...'0123456789'.split(''))
const digits = (minLength: number, maxLength: number): fc.Arbitrary<string> => {
  return fc.string({ unit: DIGITS, minLength, maxLength })
}

/** Decimals as venues write them. */
export const PLAIN_DECIMAL = fc.oneof(
  fc.tuple(fc.nat(99_999), digits(1, 6)).map(([whole, part]) => `${whole}.${part}`),
  fc.nat(999_999).map(String),
  // Few enough to be equal at times.
  fc.constantFrom('99.5', '100.0', '100.5'),
  fc.tuple(digits(1, 12), digits(1, 12)).map(([whole, part]) => `${whole}.${part}`),
)

/** Decimals that are readable all the same, and texts that are none. */
export const ODD_DECIMAL = fc.oneof(
  fc.tuple(digits(1, 25), digits(1, 25)).map(([whole, part]) => `${whole}.${part}`),
  fc
    .tuple(digits(1, 20), fc.constantFrom('e', 'E', 'e+', 'e-'), digits(1, 4))
    .map(([number, sign, power]) => number + sign + power),
  fc.constantFrom('-1.5', '-0', '-0.0', '+1', '0', '00', '.5', '5.', '1.2.3', '', ' 1', '1 '),
  fc.constantFrom('NaN', 'Infinity', '-Infinity', '1e999', '1e', '0x1F', '1_000', 'null', '٣'),
)

/** What may have happened to a line of CSV. */
export const CSV_CHANGES: readonly ((line: string) => string)[] = [
  (text) => `${text},`,
  (text) => `,${text}`,
  (text) => text.slice(0, text.lastIndexOf(',')),
  (text) => text.slice(0, 30),
  (text) => text.replace(',', ';'),
  (text) => text.replace(/,(?=[^,]*$)/, '\r'),
  (text) => text.replace(/(?<=,.*,.*),/, '\r'),
  (text) => text.replaceAll(',', ', '),
]
