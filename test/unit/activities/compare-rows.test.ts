import { findDifference, matches } from '@backtide/activities/load/compare-rows'
import type { SymbolRows } from '@backtide/datasets/decode/decoded-object'
import type { FoundAt } from '@backtide/store/owned-rows'
import { describe, expect, it } from 'vitest'

const HOUR_US = 3_600_000_000

/** Rows as [ts, number, check]. */
type Rows = readonly (readonly [number, number, number])[]

function sent(rows: Rows): SymbolRows {
  return {
    symbol: 'BTC',
    ts: Float64Array.from(rows, ([ts]) => ts),
    rows: Uint32Array.from(rows, ([, count]) => count),
    checks: Float64Array.from(rows, ([, , check]) => check),
  }
}

function found(rows: Rows): FoundAt[] {
  return rows.map(([ts, count, check]) => ({ ts, rows: count, check }))
}

function summed(rows: Rows) {
  return {
    series: 'BTC',
    partition: 0,
    part: 0,
    rows: rows.reduce((sum, [, count]) => sum + count, 0),
    minTs: rows[0]?.[0] ?? 0,
    maxTs: rows.at(-1)?.[0] ?? 0,
    check: rows.reduce((sum, [, , check]) => sum + check, 0),
  }
}

const ROWS: Rows = [
  [1_000, 1, 11],
  [2_000, 2, 42],
  [3_000, 1, 7],
]

describe('the rows of an object', () => {
  it('match when count, bounds and check are those sent', () => {
    expect(matches(sent(ROWS), summed(ROWS))).toBe(true)
    expect(matches(sent([]), undefined)).toBe(true)
  })

  it.each([
    ['is missing', ROWS.slice(0, 2)],
    ['is there twice', [...ROWS.slice(0, 2), [3_000, 2, 14]] as Rows],
    ['is of another time', [...ROWS.slice(0, 2), [3_001, 1, 7]] as Rows],
    ['has another value', [...ROWS.slice(0, 2), [3_000, 1, 8]] as Rows],
    ['is too much, before the first', [[500, 1, 3], ...ROWS] as Rows],
  ])('do not match when one %s', (_, rows) => {
    expect(matches(sent(ROWS), summed(rows))).toBe(false)
    expect(findDifference(sent(ROWS), found(rows), [])).toMatch(/^BTC at 1970/)
  })

  it('do not match when the object has none and the table does', () => {
    expect(matches(sent([]), summed(ROWS))).toBe(false)
    expect(matches(sent(ROWS), undefined)).toBe(false)
  })

  it('differ where a surplus row stands at a time of theirs, however its check reads', () => {
    const surplus = found([
      [1_000, 1, 11],
      [2_000, 3, 999_999],
      [3_000, 1, 7],
    ])
    expect(findDifference(sent(ROWS), surplus, [])).toContain('3 of 2 rows found')
  })

  it('may lie beside rows of a neighbour that do not say whose they are, but not share a time with them', () => {
    const beside = found([...ROWS, [HOUR_US, 5, 1]])
    const window = { from: 3_500, to: 2 * HOUR_US }
    expect(findDifference(sent(ROWS), beside, [])).toContain('5 rows that were not sent')
    expect(findDifference(sent(ROWS), beside, [window])).toBeUndefined()
    const shared = found([...ROWS.slice(0, 2), [3_000, 2, 9]])
    expect(findDifference(sent(ROWS), shared, [{ from: 0, to: HOUR_US }])).toContain('2 of 1 rows')
  })
})
