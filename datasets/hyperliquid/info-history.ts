import { DAY_MS } from '@backtide/core/range'
import { dayKey } from '@backtide/core/partition'
import { parseSeries, seriesOf } from '@backtide/core/series'
import type { HistoryRequest, HistoryWindow, RestSource } from '../dataset.ts'
import { CANDLE_LENGTHS, type CandleInterval } from '../unified/candles.ts'
import { isCount, isObject } from '../values/json-line.ts'

/** Intervals of candles that the venue has. */
export const CANDLE_INTERVALS = [
  '1m',
  '3m',
  '5m',
  '15m',
  '30m',
  '1h',
  '2h',
  '4h',
  '8h',
  '12h',
  '1d',
  '3d',
  '1w',
  '1M',
] as const satisfies readonly CandleInterval[]

/** The venue has about the newest 5,000 candles of an interval, whatever is asked for. */
const CANDLES_KEPT = 4_900

/** An answer has 500 rates at most; there is one an hour. */
const FUNDING_SPAN_MS = 16 * DAY_MS

/**
 * Histories of the info endpoint: a day of a series an object. The venue allows 1,200 an address and
 * minute; the rest of it is left to others on the same address.
 * https://hyperliquid.gitbook.io/hyperliquid-docs/for-developers/api/rate-limits-and-user-limits
 */
export function infoHistory(kind: 'candleSnapshot' | 'fundingHistory'): RestSource {
  return {
    kind: 'rest',
    name: 'hyperliquid-info',
    baseUrl: 'https://api.hyperliquid.xyz',
    limit: { name: 'hyperliquid-info', weightPerMinute: 1_000 },
    objects: (start, series) => {
      const { symbol, interval } = parseSeries(series)
      const parts = interval === undefined ? [kind, symbol] : [kind, symbol, interval]
      return [[...parts, dayKey(start)].join('/')]
    },
    windowOf,
  }
}

/** How far back from now there are candles, in milliseconds. */
export function candlesKept(interval: CandleInterval): number {
  return CANDLES_KEPT * CANDLE_LENGTHS[interval]
}

const CANDLES = /^candleSnapshot\/(.+)\/(\d+[mhdwM])\/(\d{4}-\d{2}-\d{2})$/
const FUNDING = /^fundingHistory\/(.+)\/(\d{4}-\d{2}-\d{2})$/

function windowOf(key: string): HistoryWindow {
  const [, coin = '', interval = '', candleDay] = CANDLES.exec(key) ?? []
  if (candleDay !== undefined && isInterval(interval)) return candles(coin, interval, candleDay)
  const [, fundingCoin = '', fundingDay] = FUNDING.exec(key) ?? []
  if (fundingDay !== undefined) return funding(fundingCoin, fundingDay)
  throw new Error(`${JSON.stringify(key)} is no object of it`)
}

/** Whether the venue has candles of it. */
export function isInterval(text: string): text is CandleInterval {
  return CANDLE_INTERVALS.some((interval) => interval === text)
}

function candles(coin: string, interval: CandleInterval, day: string): HistoryWindow {
  const length = CANDLE_LENGTHS[interval]
  const spanMs = Math.max(1, Math.floor((CANDLES_KEPT * length) / DAY_MS)) * DAY_MS
  const request = ({ from, to }: { readonly from: number; readonly to: number }) => ({
    path: 'info',
    body: { type: 'candleSnapshot', req: { coin, interval, startTime: from, endTime: to - 1 } },
    weight: 20 + Math.ceil((to - from) / length / 60),
  })
  const keptMs = candlesKept(interval)
  return {
    ...dayOf(day),
    history: seriesOf(`candleSnapshot/${coin}`, interval),
    spanMs,
    keptMs,
    request,
    timeOf: candleTime,
    witness: CANDLE_WITNESS,
  }
}

function funding(coin: string, day: string): HistoryWindow {
  const request = ({ from, to }: { readonly from: number; readonly to: number }) => ({
    path: 'info',
    body: { type: 'fundingHistory', coin, startTime: from, endTime: to - 1 },
    weight: 20 + Math.ceil((to - from) / 3_600_000 / 20),
  })
  return {
    ...dayOf(day),
    history: `fundingHistory/${coin}`,
    spanMs: FUNDING_SPAN_MS,
    request,
    timeOf: fundingTime,
    witness: FUNDING_WITNESS,
  }
}

function dayOf(day: string) {
  const from = Date.parse(`${day}T00:00:00Z`)
  return { from, to: from + DAY_MS }
}

/** `t` is when a candle begins and `T` its last millisecond. */
function candleTime(record: unknown) {
  if (!isObject(record)) return undefined
  const { t, T } = record
  return isCount(t) && isCount(T) ? { at: t, final: T + 1 } : undefined
}

function fundingTime(record: unknown) {
  if (!isObject(record)) return undefined
  const { time } = record
  return isCount(time) ? { at: time, final: time } : undefined
}

/** Candles and rates that are there as long as the venue is. */
const WITNESSED = Date.UTC(2025, 0, 1)

const CANDLE_WITNESS: HistoryRequest = {
  path: 'info',
  body: {
    type: 'candleSnapshot',
    req: { coin: 'BTC', interval: '1w', startTime: WITNESSED, endTime: WITNESSED + 28 * DAY_MS },
  },
  weight: 21,
}

const FUNDING_WITNESS: HistoryRequest = {
  path: 'info',
  body: {
    type: 'fundingHistory',
    coin: 'BTC',
    startTime: WITNESSED,
    endTime: WITNESSED + 3 * 3_600_000,
  },
  weight: 21,
}
