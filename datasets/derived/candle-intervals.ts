import type { SeriesParts } from '@backtide/core/derived'
import { clampRange } from '@backtide/core/partition'
import { DAY_MS, type Range } from '@backtide/core/range'
import { CANDLE_INTERVALS } from '../hyperliquid/info-history.ts'
import { CANDLE_LENGTHS } from '../unified/candles.ts'

/** Intervals that a day is a multiple of, the shortest first: each can be made of the first. */
export const INTRADAY = CANDLE_INTERVALS.filter((name) => CANDLE_LENGTHS[name] <= DAY_MS)

/** Candles of one interval that a day has. */
export interface DayInterval {
  readonly name: string
  /** SQL: the start of the candle that a row is of. */
  readonly floor: string
  /** What whole candles there are lies in these. */
  readonly ranges: readonly Range[]
  /** Starts of those that may still get trades: the partition after them is not complete. */
  readonly open: readonly number[]
}

/** The intervals of a day that have a whole candle, the shortest first. */
export function intradayOf(day: Range, { complete, spills }: SeriesParts): readonly DayInterval[] {
  return INTRADAY.flatMap((name) => {
    const length = CANDLE_LENGTHS[name]
    const ranges = complete
      .map((run) => clampRange(run, day))
      .map(({ from, to }) => ({
        from: Math.ceil(from / length) * length,
        to: Math.floor(to / length) * length,
      }))
      .filter(({ from, to }) => from < to)
    if (ranges.length === 0) return []
    const ends = spills ? new Set(complete.map(({ to }) => to)) : new Set<number>()
    const open = ranges.filter(({ to }) => ends.has(to)).map(({ to }) => to - length)
    return [{ name, floor: `timestamp_floor('${name}', ts)`, ranges, open }]
  })
}

/** A candle that is longer than a day. */
export interface Period {
  readonly name: '3d' | '1w' | '1M'
  readonly range: Range
}

/** The candles longer than a day that a day lies in: three days counted from 1970, weeks from Monday, months. */
export function periodsOf({ from: day }: Range): readonly Period[] {
  const date = new Date(day)
  const [year, month] = [date.getUTCFullYear(), date.getUTCMonth()]
  const monday = day - ((date.getUTCDay() + 6) % 7) * DAY_MS
  const three = Math.floor(day / (3 * DAY_MS)) * 3 * DAY_MS
  return [
    { name: '3d', range: { from: three, to: three + 3 * DAY_MS } },
    { name: '1w', range: { from: monday, to: monday + 7 * DAY_MS } },
    { name: '1M', range: { from: Date.UTC(year, month, 1), to: Date.UTC(year, month + 1, 1) } },
  ]
}
