import type { Venue } from '../venue.ts'
import { binanceVenue, ON_CHANGE, type StreamKind } from './binance.ts'

const url = 'wss://stream.binance.com:9443/stream'

/** https://developers.binance.com/docs/binance-spot-api-docs/web-socket-streams */
const KINDS: readonly StreamKind[] = [
  {
    suffix: 'trade',
    channels: ['trades'],
    url,
    proof: 'ids',
    rhythm: ON_CHANGE,
    repair: ['rest_by_id', 'archive'],
  },
  { suffix: 'depth@100ms', channels: ['book'], url, proof: 'book', rhythm: ON_CHANGE, repair: [] },
  { suffix: 'bookTicker', channels: ['bbo'], url, proof: 'none', rhythm: ON_CHANGE, repair: [] },
  {
    suffix: 'kline_1m',
    channels: ['candles'],
    url,
    proof: 'none',
    rhythm: ON_CHANGE,
    repair: ['candles', 'archive'],
  },
]

/** Binance, spot: ids of trades and books prove everything. */
export const BINANCE_SPOT: Venue = binanceVenue({
  market: 'spot',
  kinds: KINDS,
  framesPerSecond: 4,
  depth: {
    url: 'https://api.binance.com/api/v3/depth?limit=5000',
    // Weight 250 of 6,000 a minute; half of it is left for repair.
    rate: { count: 12, everyMs: 60_000 },
  },
})
