import type { Match } from './fills.ts'

/** A fill as fixtures tell of it. */
export interface FillRow {
  /** UTC microseconds. */
  readonly ts: number
  readonly exchange: string
  readonly market: string
  readonly symbol: string
  readonly tid: number
  readonly side: 'buy' | 'sell'
  readonly user: string
  readonly price: number
  readonly size: number
  readonly crossed: boolean
  readonly closed_pnl: number
  readonly fee: number
  readonly fee_token: string
  readonly liquidated_user?: string
}

const [MINUTE, HOUR, DAY] = [60_000, 3_600_000, 86_400_000]

const textOf = (ms: number) => `${new Date(ms).toISOString().slice(0, -1)}000Z`

function sum<T>(all: readonly T[], of: (one: T) => number): number {
  return all.reduce((total, one) => total + of(one), 0)
}

function grouped<T>(all: readonly T[], keyOf: (one: T) => string): readonly (readonly T[])[] {
  const groups = new Map<string, T[]>()
  for (const one of all) {
    const key = keyOf(one)
    groups.set(key, [...(groups.get(key) ?? []), one])
  }
  return [...groups.values()]
}

function sums(fills: readonly FillRow[]) {
  const taken = fills.filter(({ crossed }) => crossed)
  const dollars = fills.filter(({ fee_token: token }) => token === 'USDC')
  return {
    fills: fills.length,
    taker_fills: taken.length,
    quote_turnover: sum(fills, ({ price, size }) => price * size),
    taker_quote_volume: sum(taken, ({ price, size }) => price * size),
    closed_pnl: sum(fills, ({ closed_pnl: pnl }) => pnl),
    fees_usdc: sum(dollars, ({ fee }) => fee),
    liquidation_fills: fills.filter((fill) => fill.liquidated_user !== undefined).length,
  }
}

function minuteOf({ ts }: FillRow): number {
  return Math.floor(ts / 60_000_000) * MINUTE
}

const first = <T>(all: readonly T[]): T => all[0] as T

/** Rows of `fills_1m`. */
export function fillMinutesOf(fills: readonly FillRow[]) {
  return grouped(fills, (one) => `${minuteOf(one)} ${one.symbol} ${one.side}`).map((some) => {
    const { exchange, market, symbol, side } = first(some)
    const prices = some.map(({ price }) => price)
    return {
      ts: textOf(minuteOf(first(some))),
      exchange,
      market,
      symbol,
      side,
      high: Math.max(...prices),
      low: Math.min(...prices),
      volume: sum(some, ({ size }) => size),
      taker_volume: sum(some, ({ crossed, size }) => (crossed ? size : 0)),
      ...sums(some),
    }
  })
}

/** Rows of `daily_stats` of one day. */
export function dailyOf(fills: readonly FillRow[]) {
  return grouped(fills, ({ symbol }) => symbol).map((some) => {
    const { market, symbol } = first(some)
    const taken = some.filter(({ crossed }) => crossed)
    return {
      market,
      symbol,
      volume: sum(taken, ({ size }) => size),
      taker_buy_volume: sum(taken, ({ side, size }) => (side === 'buy' ? size : 0)),
      users: new Set(some.map(({ user }) => user)).size,
      low: Math.min(...some.map(({ price }) => price)),
      high: Math.max(...some.map(({ price }) => price)),
      ...sums(some),
    }
  })
}

/** Rows of `user_stats` of one day. */
export function usersOf(fills: readonly FillRow[]) {
  return grouped(fills, ({ user }) => user).map((some) => {
    const coins = new Set(some.map(({ symbol }) => symbol)).size
    return { user: first(some).user, coins, ...sums(some) }
  })
}

/** A long was closed by the match of a fill. */
function isLong({ user, side, liquidated_user: liquidated }: FillRow): boolean {
  return (user === liquidated) === (side === 'sell')
}

/** Rows of `market_1m`: of contexts whose columns are `seed` and eighths, and of fills. */
export function marketOf(
  fills: readonly FillRow[],
  states: readonly { readonly at: number; readonly coin: string; readonly seed: number }[],
) {
  // Of an hour that was not loaded nothing is said.
  const known = fills.filter((one) => minuteOf(one) % DAY >= 8 * HOUR)
  const minutes = [
    ...known.map((one) => `${minuteOf(one)} ${one.symbol}`),
    ...states.map(({ at, coin }) => `${at - (at % MINUTE)} ${coin}`),
  ]
  return [...new Set(minutes)].map((key) => {
    const [at = '', symbol] = key.split(' ')
    const some = known.filter((one) => `${minuteOf(one)} ${one.symbol}` === key)
    const taken = some.filter(({ crossed }) => crossed)
    const state = states.findLast((one) => `${one.at - (one.at % MINUTE)} ${one.coin}` === key)
    const forced = grouped(
      some.filter((one) => one.liquidated_user !== undefined),
      ({ tid }) => String(tid),
    ).map(first)
    return {
      ts: textOf(Number(at)),
      symbol,
      funding: state ? state.seed : null,
      open_interest: state ? state.seed + 1 / 8 : null,
      mark_price: state ? state.seed + 6 / 8 : null,
      trades: taken.length,
      volume: sum(taken, ({ size }) => size),
      taker_buy_volume: sum(taken, ({ side, size }) => (side === 'buy' ? size : 0)),
      long_liquidations: forced.filter(isLong).length,
      long_liquidation_volume: sum(forced.filter(isLong), ({ size }) => size),
      short_liquidations: forced.filter((one) => !isLong(one)).length,
    }
  })
}

const LENGTHS = {
  '1m': MINUTE,
  '3m': 3 * MINUTE,
  '5m': 5 * MINUTE,
  '15m': 15 * MINUTE,
  '30m': 30 * MINUTE,
  '1h': HOUR,
  '2h': 2 * HOUR,
  '4h': 4 * HOUR,
  '8h': 8 * HOUR,
  '12h': 12 * HOUR,
  '1d': DAY,
  '3d': 3 * DAY,
}

/** Candles that begin on a day, of intervals all of whose hours are complete. */
export function candlesOf(
  matches: readonly Match[],
  { day, isComplete }: { readonly day: number; readonly isComplete: (hour: number) => boolean },
) {
  return Object.entries(LENGTHS).flatMap(([interval, length]) => {
    const own = matches.filter(
      ({ time }) => Math.floor((Math.floor(time / length) * length) / DAY) * DAY === day,
    )
    return grouped(own, ({ time, coin }) => `${Math.floor(time / length)} ${coin}`).flatMap(
      (some) => {
        const trades = some.toSorted((a, b) => a.time - b.time)
        const start = Math.floor(first(trades).time / length) * length
        const hours = Array.from(
          { length: Math.max(1, length / HOUR) },
          (_, at) => start + at * HOUR,
        )
        if (!hours.every((hour) => isComplete(hour - (hour % HOUR)))) return []
        const prices = trades.map(({ price = 0 }) => price)
        const ends = start + length
        return [
          {
            ts: textOf(start),
            symbol: first(trades).coin,
            market: first(trades).coin === 'BTC' ? 'perp' : 'spot',
            interval,
            open: prices[0],
            high: Math.max(...prices),
            low: Math.min(...prices),
            close: prices.at(-1),
            volume: sum(trades, ({ size }) => size),
            quote_volume: sum(trades, ({ size, price = 0 }) => size * price),
            trades: trades.length,
            closed: ends % HOUR !== 0 || isComplete(ends),
          },
        ]
      },
    )
  })
}
