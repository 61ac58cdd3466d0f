/**
 * A series is what an object holds the rows of: a symbol, or a symbol at an interval where a dataset
 * has intervals; `*` stands for all symbols of a partition. Neither part holds a space.
 */
export interface Series {
  readonly symbol: string
  readonly interval?: string
}

/** Symbols of a dataset whose objects hold every symbol. */
export const ALL_SYMBOLS: readonly string[] = ['*']

/** The text of a series: `BTC`, or `BTCUSDT 1m`. */
export function seriesOf(symbol: string, interval?: string): string {
  return interval === undefined ? symbol : `${symbol} ${interval}`
}

/** Takes the text of a series apart. */
export function parseSeries(text: string): Series {
  const space = text.indexOf(' ')
  return space < 0
    ? { symbol: text }
    : { symbol: text.slice(0, space), interval: text.slice(space + 1) }
}

/** Every symbol, at every interval where there are intervals: sorted, each series once. */
export function crossSeries(
  symbols: readonly string[],
  intervals: readonly string[] | undefined,
): readonly string[] {
  const all = symbols.flatMap(
    (symbol) => intervals?.map((interval) => seriesOf(symbol, interval)) ?? [seriesOf(symbol)],
  )
  return [...new Set(all)].toSorted()
}

/** The words of requests for what `crossSeries` gave: coins, and intervals where it has any. */
export function splitSeries(series: readonly string[]): {
  readonly coins: string[]
  readonly intervals?: string[]
} {
  const parsed = series.map(parseSeries)
  const intervals = new Set(parsed.flatMap(({ interval }) => interval ?? []))
  return {
    coins: [...new Set(parsed.map(({ symbol }) => symbol))],
    ...(intervals.size > 0 && { intervals: [...intervals] }),
  }
}
