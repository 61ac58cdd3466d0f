import { formatInstant, parseInstant } from '@backtide/core/range'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

describe('parseInstant', () => {
  it.each([
    ['2025-01-01', Date.UTC(2025, 0, 1)],
    ['2025-01-01T07', Date.UTC(2025, 0, 1, 7)],
    ['2025-01-01 07:30', Date.UTC(2025, 0, 1, 7, 30)],
    ['2025-01-01T07:30:15Z', Date.UTC(2025, 0, 1, 7, 30, 15)],
    ['2025-01-01T07:30:15.5', Date.UTC(2025, 0, 1, 7, 30, 15, 500)],
    ['2025-01-01T07:30:15.123999', Date.UTC(2025, 0, 1, 7, 30, 15, 123)],
    ['2025-01-01T00:00:00+02:00', Date.UTC(2024, 11, 31, 22)],
    ['2025-01-01T00:00:00-05:30', Date.UTC(2025, 0, 1, 5, 30)],
    ['2024-02-29', Date.UTC(2024, 1, 29)],
  ])('reads %s', (text, instant) => {
    expect(parseInstant(text)).toBe(instant)
  })

  it.each([
    '',
    'now',
    '2025',
    '2025-1-1',
    '2025-02-29',
    '2025-02-30',
    '2025-04-31',
    '2025-13-01',
    '2025-00-10',
    '2025-01-00',
    '2025-01-01T24',
    '2025-01-01T23:60',
    '2025-01-01T23:59:60',
    '2025-01-01Z',
    ' 2025-01-01',
    '2025-01-01\n',
    '1735689600000',
  ])('does not read %j', (text) => {
    expect(parseInstant(text)).toBeUndefined()
  })

  it('reads back what formatInstant wrote', () => {
    const instants = fc.integer({ min: Date.UTC(2000, 0), max: Date.UTC(2100, 0) })
    fc.assert(fc.property(instants, (at) => parseInstant(formatInstant(at)) === at))
  })
})

describe('formatInstant', () => {
  it('leaves out milliseconds only where there are none', () => {
    expect(formatInstant(Date.UTC(2025, 0, 1, 7))).toBe('2025-01-01T07:00:00Z')
    expect(formatInstant(Date.UTC(2025, 0, 1, 7) + 5)).toBe('2025-01-01T07:00:00.005Z')
  })
})
