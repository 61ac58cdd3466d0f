import { dayWorkflowId } from '@backtide/core/ids'
import {
  clampRange,
  countDays,
  countPartitions,
  dayAt,
  dayIndex,
  partitionKey,
  partitionsOf,
  type Order,
} from '@backtide/core/partition'
import { DAY_MS, HOUR_MS, type Range } from '@backtide/core/range'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

const JANUARY = Date.UTC(2025, 0, 1)

/** Ranges on hour bounds, up to 40 days long. */
const ranges: fc.Arbitrary<Range> = fc
  .record({ start: fc.nat({ max: 100 }), hours: fc.integer({ min: 1, max: 960 }) })
  .map(({ start, hours }) => ({
    from: JANUARY + start * HOUR_MS,
    to: JANUARY + (start + hours) * HOUR_MS,
  }))
const orders = fc.constantFrom<Order>('oldest-first', 'newest-first')

describe('The days of a range', () => {
  it('cover it once, without overlap, in either order', () => {
    fc.assert(
      fc.property(ranges, orders, (range, order) => {
        const days = Array.from({ length: countDays(range) }, (_, index) =>
          dayAt(range, order, index),
        )
        const ascending = order === 'oldest-first' ? days : days.toReversed()
        expect(ascending[0]?.from).toBe(range.from)
        expect(ascending.at(-1)?.to).toBe(range.to)
        for (const [index, day] of ascending.entries()) {
          expect(day.to).toBeGreaterThan(day.from)
          expect(Math.floor(day.from / DAY_MS)).toBe(Math.floor((day.to - 1) / DAY_MS))
          if (index > 0) expect(day.from).toBe(ascending[index - 1]?.to)
        }
      }),
    )
  })

  it('are found again by any instant in them', () => {
    fc.assert(
      fc.property(ranges, orders, fc.nat(), (range, order, random) => {
        const index = random % countDays(range)
        const { from, to } = dayAt(range, order, index)
        for (const instant of [from, to - 1]) expect(dayIndex(range, order, instant)).toBe(index)
      }),
    )
  })

  it('have all its partitions', () => {
    fc.assert(
      fc.property(ranges, (range) => {
        const hours = Array.from({ length: countDays(range) }, (_, index) =>
          partitionsOf(dayAt(range, 'oldest-first', index), 'hour'),
        ).flat()
        expect(hours).toEqual(partitionsOf(range, 'hour'))
        expect(hours).toHaveLength(countPartitions(range, 'hour'))
      }),
    )
  })

  it('are none where the range is empty', () => {
    const empty = { from: JANUARY, to: JANUARY }
    expect([countDays(empty), countPartitions(empty, 'hour')]).toEqual([0, 0])
    expect(partitionsOf(empty, 'hour')).toEqual([])
  })
})

describe('A partition', () => {
  it('is named by its hour or its day', () => {
    expect(partitionKey(JANUARY + 7 * HOUR_MS, 'hour')).toBe('2025-01-01T07')
    expect(partitionKey(JANUARY, 'day')).toBe('2025-01-01')
  })

  it('is cut to a range', () => {
    const range = { from: JANUARY + HOUR_MS, to: JANUARY + 5 * HOUR_MS }
    expect(clampRange({ from: JANUARY, to: JANUARY + DAY_MS }, range)).toEqual(range)
  })
})

describe('The workflow id of a day', () => {
  it('names the table and the day, so that two backfills meet there', () => {
    expect(dayWorkflowId('l2_book', JANUARY)).toBe('load/l2_book/2025-01-01')
    expect(dayWorkflowId('l2_book', JANUARY + 23 * HOUR_MS)).toBe('load/l2_book/2025-01-01')
  })
})

it('Some hours of the days of a range are those of UTC, whatever it begins with', () => {
  const range = { from: JANUARY + 5 * HOUR_MS, to: JANUARY + 30 * HOUR_MS }
  expect(partitionsOf(range, 'hour', [3, 6]).map((at) => (at - JANUARY) / HOUR_MS)).toEqual([6, 27])
  expect(partitionsOf(range, 'hour', [23])).toHaveLength(1)
})
