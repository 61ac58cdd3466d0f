import {
  CHECK_PRIME,
  checkInteger,
  checkKey,
  checkKeySql,
  checkNanos,
  checkNumber,
  checkNumberSql,
  checkRow,
  checkRowSql,
  checkSymbol,
  remainder,
} from '@backtide/datasets/values/checksum'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

describe('the check of a number', () => {
  it('is what exact integer arithmetic gives', () => {
    const inLong = fc.double({ min: -92e9, max: 92e9, noNaN: true })
    fc.assert(
      fc.property(inLong, (value) => {
        const exact = BigInt(Math.trunc(value * 1e8)) % BigInt(CHECK_PRIME)
        expect(BigInt(checkNumber(value))).toBe(exact)
      }),
    )
  })

  it('is exact next to multiples of the prime, where a quotient is rounded', () => {
    const most = Math.floor(Number.MAX_SAFE_INTEGER / CHECK_PRIME)
    const multiple = fc.oneof(fc.integer({ min: most - 5000, max: most }), fc.nat(most))
    fc.assert(
      fc.property(multiple, fc.constantFrom(0, 1, 2, CHECK_PRIME - 1), (times, less) => {
        const value = Math.abs(times * CHECK_PRIME - less)
        expect(remainder(value)).toBe(Number(BigInt(value) % BigInt(CHECK_PRIME)))
      }),
      { numRuns: 1000 },
    )
  })

  // Measured on QuestDB 9.3.4: a double beyond a LONG casts to NULL, 2^63 to the largest LONG.
  it.each([
    [undefined, 0],
    [0, 0],
    [1e-8, 1],
    [-1e-8, -1],
    [1e-9, 0],
    [92_233_720_368.54776, 294_911],
    [-92_233_720_368.54776, 0],
    [93e9, 0],
    [-93e9, 0],
    [1.7e308, 0],
    [5e-324, 0],
  ])('of %s is %i, as in QuestDB', (value, expected) => {
    expect(checkNumber(value)).toBe(expected)
  })
})

describe('the check of a row', () => {
  it('of nanoseconds needs no integer larger than a double holds', () => {
    const micros = fc.integer({ min: 0, max: 4e15 })
    fc.assert(
      fc.property(micros, fc.nat(999), (us, ns) => {
        const exact = (BigInt(us) * 1000n + BigInt(ns)) % BigInt(CHECK_PRIME)
        expect(BigInt(checkNanos(us, ns))).toBe(exact)
      }),
    )
  })

  const PART = fc.nat(CHECK_PRIME - 1)
  const KEY = fc.integer({ min: 1, max: CHECK_PRIME - 1 })

  it('is what exact integer arithmetic gives, whatever the signs of its values', () => {
    const value = fc.integer({ min: 1 - CHECK_PRIME, max: CHECK_PRIME - 1 })
    fc.assert(
      fc.property(KEY, fc.array(value, { maxLength: 14 }), (key, values) => {
        const sum = values.reduce((all, each, at) => all + BigInt(each) * BigInt(at + 1), 1n)
        const exact = (BigInt(key) * (sum % BigInt(CHECK_PRIME))) % BigInt(CHECK_PRIME)
        expect(BigInt(checkRow(key, values))).toBe(exact)
      }),
    )
  })

  it('differs when two columns are swapped', () => {
    fc.assert(
      fc.property(KEY, PART, PART, (key, a, b) => {
        fc.pre(a !== b)
        expect(checkRow(key, [1, a, b])).not.toBe(checkRow(key, [1, b, a]))
        expect(checkKey([1, a, b])).not.toBe(checkKey([1, b, a]))
      }),
    )
  })

  it('differs in sum when two rows swap a value', () => {
    fc.assert(
      fc.property(KEY, KEY, PART, PART, (key, other, a, b) => {
        fc.pre(key !== other && a !== b)
        const apart = (checkRow(key, [a, 7]) + checkRow(other, [b, 7])) % CHECK_PRIME
        expect((checkRow(key, [b, 7]) + checkRow(other, [a, 7])) % CHECK_PRIME).not.toBe(apart)
      }),
    )
  })

  it('counts a row without any values', () => {
    expect(checkRow(5, [])).toBe(5)
    expect(checkRow(5, [0, 0])).toBe(5)
  })

  it('says the same in SQL', () => {
    expect(checkRow(checkKey([2, 3]), [4, 5])).toBe(8 * 15)
    expect(checkKeySql(['a', 'b'])).toBe('(1 * (a) + 2 * (b)) % 16777213')
    expect(checkRowSql('k', ['a'])).toBe('(k) * ((1 + 1 * (a)) % 16777213) % 16777213')
    expect(checkSymbol('BTC')).toBe(0x4b9169)
    expect(checkNumberSql('bids[1, 1]')).toBe('coalesce(((bids[1, 1]) * 1e8)::long, 0) % 16777213')
    expect(checkInteger(16_777_214)).toBe(1)
  })
})
