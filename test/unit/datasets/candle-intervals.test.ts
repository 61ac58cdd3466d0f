import type { SeriesParts } from '@backtide/core/derived'
import { DAY_MS, HOUR_MS } from '@backtide/core/range'
import { intradayOf, periodsOf } from '@backtide/datasets/derived/candle-intervals'
import { describe, expect, it } from 'vitest'

const DAY = Date.UTC(2025, 9, 6)
const RANGE = { from: DAY, to: DAY + DAY_MS }
const hours = (from: number, to: number) => ({ from: DAY + from * HOUR_MS, to: DAY + to * HOUR_MS })

function parts(complete: SeriesParts['complete'], spills = true): SeriesParts {
  return { read: complete, complete, spills }
}

describe('candles of a day', () => {
  it('are all closed where the hour after the day is complete, too', () => {
    const all = intradayOf(RANGE, parts([hours(-3, 25)]))
    expect(all.map(({ name }) => name).join(' ')).toBe('1m 3m 5m 15m 30m 1h 2h 4h 8h 12h 1d')
    expect(all.every(({ ranges, open }) => ranges.length === 1 && open.length === 0)).toBe(true)
  })

  it('whose end is that of what is complete may still get trades, unless nothing spills', () => {
    const [minute] = intradayOf(RANGE, parts([hours(0, 24)]))
    expect(minute?.open).toEqual([RANGE.to - 60_000])
    const day = intradayOf(RANGE, parts([hours(0, 24)])).at(-1)
    expect(day?.open).toEqual([DAY])
    const whole = intradayOf(RANGE, parts([hours(0, 24)], false))
    expect(whole.flatMap(({ open }) => open)).toEqual([])
  })

  it('are none over an hour that is not complete, on either side of it', () => {
    const all = intradayOf(RANGE, parts([hours(-1, 5), hours(6, 30)]))
    const ranges = Object.fromEntries(all.map((one) => [one.name, one.ranges]))
    expect(ranges['1h']).toEqual([hours(0, 5), hours(6, 24)])
    expect(ranges['4h']).toEqual([hours(0, 4), hours(8, 24)])
    expect(ranges['12h']).toEqual([hours(12, 24)])
    expect(ranges['1d']).toBeUndefined()
  })
})

describe('candles longer than a day', () => {
  it('are of three days since 1970, of weeks from Monday, and of months', () => {
    const days = (from: number, to: number) => ({
      from: DAY + from * DAY_MS,
      to: DAY + to * DAY_MS,
    })
    expect(periodsOf({ from: DAY + 2 * DAY_MS, to: DAY + 3 * DAY_MS })).toEqual([
      { name: '3d', range: days(0, 3) },
      { name: '1w', range: days(0, 7) },
      { name: '1M', range: { from: Date.UTC(2025, 9, 1), to: Date.UTC(2025, 10, 1) } },
    ])
    const [, sunday] = periodsOf({ from: DAY - DAY_MS, to: DAY })
    expect(sunday?.range).toEqual(days(-7, 0))
  })
})
