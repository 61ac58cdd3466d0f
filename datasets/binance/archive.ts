import { dayKey } from '@backtide/core/partition'
import { parseSeries } from '@backtide/core/series'
import type { HttpSource } from '../dataset.ts'

/** Venue, market and origin as the unified tables name them. */
export const SPOT = { exchange: 'binance', market: 'spot', origin: 'archive' } as const

/** Names of instruments, always upper case: `BTCUSDT`, `1000SATSUSDT`, `BTCUSDT_250328`. */
export const SYMBOL = /^[A-Z0-9]{1,30}(?:_[A-Z0-9]{1,20})?$/

/** The files of a day appear in the morning of the next one; some came days later. */
export const FINAL_AFTER_DAYS = 3

/** From this instant on (UTC milliseconds) files of the spot market have microseconds. */
export const MICROSECONDS_SINCE = Date.UTC(2025, 0, 1)

/**
 * Files of one kind of the public archive, one a day and series, zipped, each with a checksum file.
 * https://github.com/binance/binance-public-data
 */
export function dailyFiles(market: 'spot', kind: 'trades' | 'klines'): HttpSource {
  return {
    kind: 'http',
    name: 'binance-files',
    baseUrl: 'https://data.binance.vision/data',
    checksums: true,
    objects: (start, series) => {
      const { symbol, interval } = parseSeries(series)
      const day = dayKey(start)
      const folder = interval === undefined ? symbol : `${symbol}/${interval}`
      return [`${market}/daily/${kind}/${folder}/${symbol}-${interval ?? kind}-${day}.zip`]
    },
  }
}
