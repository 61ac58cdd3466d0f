/** What the sample needs to know of a coin. */
export interface Market {
  readonly coin: string
  /** Price at the start of the day. */
  readonly price: number
  /** Decimals of the smallest price step. */
  readonly priceDecimals: number
  /** Decimals of the smallest size step. */
  readonly sizeDecimals: number
  /** Size of a typical order. */
  readonly typicalSize: number
  /** Standard deviation of a day's move, as a part of the price. */
  readonly dailyMove: number
}

/** Prices, steps and sizes as they were on 2025-01-01. */
export const SAMPLE_MARKETS: readonly Market[] = [
  market('BTC', 93_620, 0, 5, 0.4, 0.02),
  market('ETH', 3_336.8, 1, 4, 8, 0.03),
  market('kPEPE', 0.020105, 6, 0, 400_000, 0.05),
]

/** The market of a coin; a coin the sample does not know gets one that looks like a small perp. */
export function sampleMarket(coin: string): Market {
  return (
    SAMPLE_MARKETS.find((known) => known.coin === coin) ?? market(coin, 12.345, 3, 1, 200, 0.05)
  )
}

function market(
  coin: string,
  price: number,
  priceDecimals: number,
  sizeDecimals: number,
  typicalSize: number,
  dailyMove: number,
): Market {
  return { coin, price, priceDecimals, sizeDecimals, typicalSize, dailyMove }
}
