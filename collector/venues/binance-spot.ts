import type { Venue } from '../venue.ts'
import {
  BINANCE_SYMBOL,
  binanceStreams,
  ON_CHANGE,
  readBinance,
  readDepth,
  subscribeBinance,
  type StreamKind,
} from './binance.ts'

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
export const BINANCE_SPOT: Venue = {
  exchange: 'binance',
  market: 'spot',
  symbol: BINANCE_SYMBOL,
  limits: {
    streamsPerConnection: 1024,
    // A frame may name all; smaller ones are acknowledged by themselves.
    streamsPerFrame: 200,
    connects: { count: 300, everyMs: 300_000 },
    // Pings and pongs count: one a second is left for them.
    messages: { count: 4, everyMs: 1000, per: 'connection' },
  },
  // The server pings each 20 s and wants its pong within a minute; `ws` answers by itself.
  ping: { everyMs: 30_000 },
  idleMs: 90_000,
  lifeMs: 24 * 3_600_000,
  acks: 'id',
  streams: (symbol, channel) => binanceStreams(KINDS, symbol, channel),
  subscribe: subscribeBinance,
  read: readBinance,
  snapshot: {
    url: (symbol) =>
      `https://api.binance.com/api/v3/depth?symbol=${encodeURIComponent(symbol)}&limit=5000`,
    // Weight 250 of 6,000 a minute; half of it is left for repair.
    rate: { count: 12, everyMs: 60_000 },
    read: readDepth,
  },
}
