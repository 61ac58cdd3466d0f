import { NOT_UNDERSTOOD, scanCount, scanDecimal } from '@backtide/datasets/values/scan-decimal'
import { isAt, literal, matches } from '@backtide/datasets/values/literal'
import { UtcTimeScanner } from '@backtide/datasets/values/scan-time'
import { parseUtcTime } from '@backtide/datasets/values/time'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

/** A small seeded generator: https://github.com/cprosche/mulberry32 */
function mulberry32(seed: number): () => number {
  let state = seed | 0
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296
  }
}

const VALUES = new Float64Array(2)

/** Value and end of the number at the start of a text; undefined where there is none. */
function scanAt(
  scan: typeof scanDecimal,
  text: string,
): { value: number; end: number } | undefined {
  const bytes = Buffer.from(text)
  const end = scan(bytes, 0, VALUES, 1)
  return end === NOT_UNDERSTOOD ? undefined : { value: VALUES[1] ?? 0, end }
}

/** Decimals of up to `most` digits, point anywhere, zeros in front, one in five with an exponent. */
function randomDecimal(random: () => number, most: number): string {
  const count = 1 + Math.floor(random() * most)
  let digits = ''
  while (digits.length < count) digits += String(Math.floor(random() * 1e9))
  digits = (random() < 0.1 ? '000' : '') + digits.slice(0, count)
  const point = Math.floor(random() * (digits.length + 1))
  const whole = digits.slice(0, point) || '0'
  const text = point < digits.length ? `${whole}.${digits.slice(point)}` : whole
  return random() < 0.2 ? `${text}e${Math.floor(random() * 60) - 30}` : text
}

function* randomDecimals(count: number): Generator<string> {
  const random = mulberry32(count)
  for (let at = 0; at < count; at++) yield randomDecimal(random, 8 + (at % 13))
}

/** Texts of the exact middle between two neighbouring doubles, and of its near sides. */
function halfway(random: () => number): string[] {
  const exponent = Math.floor(random() * 12)
  const mantissa = 2n ** 52n + BigInt(Math.floor(random() * 2 ** 52))
  const middle = (2n * mantissa + 1n) * 2n ** BigInt(exponent)
  return [middle, middle - 1n, middle + 1n].flatMap((each) => [
    `${each}`,
    `${each}.0`,
    `${each}e-3`,
  ])
}

function differing(texts: Iterable<string>): string[] {
  const wrong: string[] = []
  for (const text of texts) {
    const end = scanDecimal(Buffer.from(text), 0, VALUES, 0)
    if (end !== text.length || !Object.is(VALUES[0], Number(text))) wrong.push(text)
  }
  return wrong
}

describe('a scanned decimal', () => {
  it('is the double that Number gives, of a million at random', () => {
    expect(differing(randomDecimals(1_000_000))).toEqual([])
  })

  it('is the double that Number gives in the middle between two', () => {
    const random = mulberry32(7)
    const texts = Array.from({ length: 5000 }, () => halfway(random)).flat()
    expect(differing(texts)).toEqual([])
  })

  it('is right where an exponent is larger than any that is read', () => {
    const [few, many] = ['0'.repeat(99_990), '0'.repeat(100_021)]
    const texts = [`0.${many}1e100024`, `0.${few}1e100000`, `1${many}e-100024`, `0.${few}1e99999`]
    expect(differing(texts).map((text) => text.slice(-9))).toEqual([])
  })

  it.each([
    '0',
    '0.0',
    '00012.50',
    '999999999',
    '1000000000',
    '0.000000001',
    '9007199254740991',
    '9007199254740992',
    '9007199254740993',
    '9007199254740993.0',
    '5e-324',
    '2.4e-324',
    '1e22',
    '1e23',
    '1e-22',
    '1e-23',
    '123456789e22',
    '1.7976931348623157e308',
    '0e999',
    '1e0000000000000000005',
    '1E5',
    '1e+5',
    '1534891576.0827198',
    `0.${'0'.repeat(400)}1`,
    '9'.repeat(300),
    `1${'0'.repeat(50)}e-50`,
    '8.988465674311580536566680e307',
  ])('is right at an edge: %s', (text) => {
    expect(differing([text])).toEqual([])
  })

  it('ends where its digits do', () => {
    for (const [text, end] of [
      ['12"', 2],
      ['12.5,6', 4],
      ['1.2.3', 3],
      ['1-2', 1],
      ['1.25e3e', 6],
    ] as const) {
      expect(scanAt(scanDecimal, text)?.end, text).toBe(end)
    }
  })

  it.each(['', '.5', '-1', '+1', 'e5', '5.', '5.e1', '1e', '1e+', '1.5e-', 'NaN', '1e999', ' 1'])(
    'is none in %j',
    (text) => {
      expect(scanAt(scanDecimal, text)).toBeUndefined()
      expect(scanAt(scanDecimal, `${text}"`)).toBeUndefined()
    },
  )
})

describe('a scanned count', () => {
  it.each([
    ['0}', 0, 1],
    ['7,', 7, 1],
    ['999999999', 999_999_999, 9],
    ['12.5', 12, 2],
  ])('is read up to what is no digit: %j', (text, value, end) => {
    expect(scanAt(scanCount, text)).toEqual({ value, end })
  })

  it.each(['', '-1', '01', '00', '1000000000', '"1"'])('is none in %j', (text) => {
    expect(scanAt(scanCount, text)).toBeUndefined()
  })
})

function pad(value: number, length = 2): string {
  return String(value).padStart(length, '0')
}

describe('a scanned time', () => {
  const TIME = fc
    .record({
      date: fc.constantFrom('2025-01-01', '2024-02-29', '2025-02-29', '1969-12-31', '2025-13-01'),
      minute: fc
        .tuple(fc.nat(24), fc.nat(60))
        .map(([hour, minute]) => `${pad(hour)}:${pad(minute)}`),
      second: fc.oneof(
        fc.nat(61).map((second) => pad(second)),
        fc.constantFrom('1', 'ab', ''),
      ),
      decimals: fc.oneof(
        fc.nat(999_999_999).map((nanos) => `.${pad(nanos, 9)}`),
        fc
          .string({ unit: fc.constantFrom(...'0123456789'.split('')), maxLength: 11 })
          .map((text) => `.${text}`),
        fc.constant(''),
      ),
      zone: fc.constantFrom('', 'Z', 'z', '+00:00'),
    })
    .map(
      ({ date, minute, second, decimals, zone }) => `${date}T${minute}:${second}${decimals}${zone}`,
    )

  it('is what parseUtcTime gives, one after the other', () => {
    fc.assert(
      fc.property(fc.array(TIME, { maxLength: 20 }), (texts) => {
        const scanner = new UtcTimeScanner()
        for (const text of texts) {
          const end = scanner.scan(Buffer.from(`"${text}"`), 1)
          const whole = end === 1 + text.length
          const { micros, nanos } = scanner
          expect(whole ? { micros, nanos } : undefined, text).toEqual(parseUtcTime(text))
        }
      }),
      { numRuns: 500 },
    )
  })

  it('is none from 2255 on: its microseconds would be no safe integer', () => {
    const scanner = new UtcTimeScanner()
    expect(parseUtcTime('2254-12-31T23:59:59.999999999')?.nanos).toBe(999)
    for (const text of ['2255-01-01T00:00:00', '8026-06-28T08:00:00.04']) {
      expect(parseUtcTime(text)).toBeUndefined()
      expect(scanner.scan(Buffer.from(text), 0)).toBe(NOT_UNDERSTOOD)
    }
  })

  it('is none where there are no bytes, or zeros', () => {
    const scanner = new UtcTimeScanner()
    expect(scanner.scan(Buffer.from('2025-01-01T00:0'), 0)).toBe(NOT_UNDERSTOOD)
    expect(scanner.scan(Buffer.alloc(40), 0)).toBe(NOT_UNDERSTOOD)
  })
})

describe('a literal', () => {
  it('is found where it stands, every byte of it', () => {
    for (const text of ['"n":', '","n":', '{"px":"', '","sz":"']) {
      const bytes = Buffer.from(`  ${text}        `)
      const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
      expect(isAt(view, 2, literal(text))).toBe(true)
      expect(matches(bytes, 2, Buffer.from(text))).toBe(true)
      for (let at = 2; at < 2 + text.length; at++) {
        bytes[at] = (bytes[at] ?? 0) ^ 0x80
        expect(isAt(view, 2, literal(text))).toBe(false)
        expect(matches(bytes, 2, Buffer.from(text))).toBe(false)
        bytes[at] = (bytes[at] ?? 0) ^ 0x80
      }
    }
  })

  it('has 4 to 8 bytes', () => {
    expect(() => literal('abc')).toThrow(RangeError)
    expect(() => literal('abcdefghi')).toThrow(RangeError)
  })
})
