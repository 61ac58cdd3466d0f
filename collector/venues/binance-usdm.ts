import type { Venue } from '../venue.ts'
import { binanceVenue, ON_CHANGE, type StreamKind } from './binance.ts'

/**
 * Since 2026-04-23 streams are routed by kind. A URL acknowledges streams of the other, and brings
 * nothing: https://github.com/binance/binance-public-data/issues/472. Where `@trade` belongs is
 * disputed; its first-data deadline tells.
 */
const PUBLIC = 'wss://fstream.binance.com/public/stream'
const MARKET = 'wss://fstream.binance.com/market/stream'

/** https://developers.binance.com/docs/derivatives/usds-margined-futures/websocket-market-streams */
const KINDS: readonly StreamKind[] = [
  {
    suffix: 'trade',
    channels: ['trades'],
    url: PUBLIC,
    proof: 'ids',
    rhythm: ON_CHANGE,
    repair: ['rest_by_id', 'archive'],
  },
  {
    suffix: 'depth@100ms',
    channels: ['book'],
    url: PUBLIC,
    proof: 'book',
    rhythm: ON_CHANGE,
    repair: [],
  },
  {
    suffix: 'bookTicker',
    channels: ['bbo'],
    url: PUBLIC,
    proof: 'none',
    rhythm: ON_CHANGE,
    repair: [],
  },
  {
    suffix: 'kline_1m',
    channels: ['candles'],
    url: MARKET,
    proof: 'none',
    rhythm: ON_CHANGE,
    repair: ['candles', 'archive'],
  },
  {
    suffix: 'markPrice@1s',
    channels: ['funding'],
    url: MARKET,
    proof: 'none',
    rhythm: { steady: true, firstDataMs: 30_000, silentMs: 30_000 },
    repair: ['rest_by_time'],
  },
  {
    // At most one a second and symbol, whatever happened; nobody keeps them.
    suffix: 'forceOrder',
    channels: ['liquidations'],
    url: MARKET,
    proof: 'none',
    rhythm: { steady: false },
    lossy: true,
    repair: [],
  },
]

/** Binance, USDⓈ-M futures. Open interest has no stream. */
export const BINANCE_USDM: Venue = binanceVenue({
  market: 'perp',
  kinds: KINDS,
  framesPerSecond: 8,
  depth: {
    url: 'https://fapi.binance.com/fapi/v1/depth?limit=1000',
    // Weight 20 of 2,400 a minute, which USDⓈ-M and COIN-M share.
    rate: { count: 60, everyMs: 60_000 },
  },
})
