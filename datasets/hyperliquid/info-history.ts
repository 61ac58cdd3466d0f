import { DAY_MS } from '@backtide/core/range'
import { dayKey } from '@backtide/core/partition'
import { parseSeries, seriesOf } from '@backtide/core/series'
import type { HistoryRequest, HistoryWindow, RestSource } from '../dataset.ts'
import { isObject } from './json-line.ts'

/** Lengths of candles in milliseconds; a month has the length of the longest. */
export const CANDLE_LENGTHS = {
  '1m': 60_000,
  '3m': 180_000,
  '5m': 300_000,
  '15m': 900_000,
  '30m': 1_800_000,
  '1h': 3_600_000,
  '2h': 7_200_000,
  '4h': 14_400_000,
  '8h': 28_800_000,
  '12h': 43_200_000,
  '1d': DAY_MS,
  '3d': 3 * DAY_MS,
  '1w': 7 * DAY_MS,
  '1M': 31 * DAY_MS,
} as const

export type CandleInterval = keyof typeof CANDLE_LENGTHS

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

function isInterval(text: string): text is CandleInterval {
  return Object.hasOwn(CANDLE_LENGTHS, text)
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
  return isInstant(t) && isInstant(T) ? { at: t, final: T + 1 } : undefined
}

function fundingTime(record: unknown) {
  if (!isObject(record)) return undefined
  const { time } = record
  return isInstant(time) ? { at: time, final: time } : undefined
}

function isInstant(value: unknown): value is number {
  return Number.isSafeInteger(value) && Number(value) >= 0
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
