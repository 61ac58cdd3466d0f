import { compressFrameSync } from 'lz4-napi'
import type { Market } from './market.ts'
import { bellNoise, noise } from './noise.ts'

const HEADER =
  'time,coin,funding,open_interest,prev_day_px,day_ntl_vlm,premium,oracle_px,mark_px,mid_px,impact_bid_px,impact_ask_px'
const MINUTES = 1_440

// A minute in which the venue had no book for the last coin: absent values are written `0.0`.
const WITHOUT_BOOK = 700

/**
 * A day of asset contexts as one compressed CSV: a row per minute and coin, all coins of a minute
 * together, numbers without trailing zeros.
 */
export function writeAssetCtxs(markets: readonly Market[], day: number, seed: number): Uint8Array {
  const lines = [HEADER]
  const prices = new Map(markets.map(({ coin, price }) => [coin, price]))
  for (let minute = 0; minute < MINUTES; minute++) {
    const time = new Date(day + minute * 60_000).toISOString().replace('.000Z', 'Z')
    for (const [index, market] of markets.entries()) {
      const before = prices.get(market.coin) ?? market.price
      const move = (market.dailyMove / Math.sqrt(MINUTES)) * bellNoise(seed, minute, index)
      const price = before * (1 + move)
      prices.set(market.coin, price)
      const absent = minute === WITHOUT_BOOK && index === markets.length - 1
      lines.push([time, market.coin, ...values(market, price, minute, seed, absent)].join(','))
    }
  }
  return compressFrameSync(Buffer.from(`${lines.join('\n')}\n`))
}

function values(
  market: Market,
  price: number,
  minute: number,
  seed: number,
  absent: boolean,
): string[] {
  const { priceDecimals: decimals, sizeDecimals } = market
  const step = 10 ** -decimals
  const bid = Math.round(price / step) * step
  const wobble = bellNoise(seed, minute, decimals)
  const openInterest = market.typicalSize * (20_000 + 50 * wobble)
  const traded = market.price * market.typicalSize * 40_000 * (1 + minute / MINUTES)
  const book = absent
    ? ['0.0', '0.0', '0.0']
    : [round(bid + step / 2, decimals + 1), round(bid, decimals), round(bid + step, decimals)]
  return [
    round(0.0000125 + Math.max(0, wobble) * 0.00001, 10),
    round(openInterest, sizeDecimals),
    round(market.price, decimals),
    `${traded + noise(seed, minute)}`,
    round(wobble * 0.0004, 8),
    round(price * (1 - wobble * 0.0004), decimals),
    round(bid, decimals),
    ...book,
  ]
}

/** At most so many decimals, no trailing zeros, never an exponent. */
function round(value: number, decimals: number): string {
  const text = value.toFixed(decimals)
  const trimmed = decimals > 0 ? text.replace(/\.?0+$/, '') : text
  return trimmed === '-0' ? '0' : trimmed
}
