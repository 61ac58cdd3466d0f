import type { DayParts, Derived, DerivedStep, SeriesParts } from '@backtide/core/derived'
import { DAY_MS, type Range } from '@backtide/core/range'
import { binanceTrades } from '../binance/trades.ts'
import { hyperliquidTrades } from '../hyperliquid/trades.ts'
import { CANDLES } from '../unified/candles.ts'
import {
  INTRADAY,
  intradayOf,
  periodsOf,
  type DayInterval,
  type Period,
} from './candle-intervals.ts'
import { inside, stamp, within } from './sql-text.ts'

/** What tells these candles from those that venues give. */
const ORIGIN = 'trades'

/** Where trades come from: one origin a venue, so that no trade counts twice. */
const SOURCES = [hyperliquidTrades, binanceTrades]

const COLUMNS = CANDLES.view.columns.filter((name) => name !== 'ts_recv')

/** Condition of symbols where objects hold all of them. */
const ALL = 'true'

/** Most symbols that a statement names: it travels in a URL. */
const MOST_NAMED = 300

/**
 * Candles of all intervals, from trades. One is made only where the ledger has every partition of its
 * time as complete, and is `closed` once the partition after it is, too, where the last trades of an hour
 * may be stamped by the next. Minutes are made of trades, what is longer of minutes, and what is longer than
 * a day of days.
 */
export const tradeCandles: Derived = {
  name: 'candles',
  title: 'Candles of 14 intervals, made of trades',
  bases: SOURCES.map(({ id }) => id),
  table: CANDLES,
  shared: true,
  origin: ORIGIN,
  spanOf: (day) => hullOf(periodsOf(day).map(({ range }) => range)),
  stepsOf: (parts) => {
    const alone = ofRange(parts, parts.day)
    return [minutes(alone), intraday(alone), ...longer(parts)]
  },
}

function minutes(parts: DayParts): DerivedStep {
  const queries = eachGroup(parts, ({ source, group, named }) => {
    const [minute] = intradayOf(parts.day, group)
    if (!minute) return []
    const { exchange, origin } = source.constants
    const rows = `SELECT timestamp_floor('m', ts) AS start, exchange, market, symbol,
      first(price) AS open, max(price) AS high, min(price) AS low, last(price) AS close,
      sum(size) AS volume, sum(price * size) AS quote_volume, count() AS trades
      FROM ${source.table.name} WHERE exchange = '${exchange}' AND origin = '${origin}'
      AND ${source.table.view.where} AND ${named} AND ${within(minute.ranges)}
      GROUP BY start, exchange, market, symbol`
    return [candlesOf(minute, rows)]
  })
  return { replaces: `${intervalIn(['1m'])} AND ${within([parts.day])}`, columns: COLUMNS, queries }
}

/** An interval a query: together, many symbols would not fit a URL. */
function intraday(parts: DayParts): DerivedStep {
  const queries = eachGroup(parts, ({ source, group, named }) => {
    const [, ...others] = intradayOf(parts.day, group)
    const all = others.map((interval) =>
      candlesOf(interval, gather(source, '1m', named, interval.ranges, interval.floor)),
    )
    return named === ALL && all.length > 0 ? [all.join(' UNION ALL ')] : all
  })
  const replaces = `${intervalIn(INTRADAY.slice(1))} AND ${within([parts.day])}`
  return { replaces, columns: COLUMNS, queries }
}

function longer(parts: DayParts): readonly DerivedStep[] {
  return periodsOf(parts.day).map((period) => {
    const { name, range } = period
    const queries = isMadeOf(parts, range)
      ? eachGroup(ofRange(parts, range), ({ source, group, named }) =>
          ofPeriod(period, { source, group, named }),
        )
      : []
    const replaces = `${intervalIn([name])} AND ts = ${stamp(range.from)}`
    return { replaces, columns: COLUMNS, queries }
  })
}

/** Days are looked at one by one: the others have to have been made already. */
function isMadeOf({ day, isMade }: DayParts, { from, to }: Range): boolean {
  for (let at = from; at < to; at += DAY_MS) if (at !== day.from && !isMade(at)) return false
  return true
}

function ofPeriod({ name, range }: Period, { source, group, named }: Group): readonly string[] {
  const whole = group.complete.find(({ from, to }) => from <= range.from && range.to <= to)
  if (!whole) return []
  const open = group.spills && whole.to === range.to ? [range.from] : []
  const start = `${stamp(range.from)}::timestamp`
  return [candlesOf({ name, open }, gather(source, '1d', named, [range], start))]
}

type Source = (typeof SOURCES)[number]

/** Symbols of a venue of which the same is known, at most so many that a statement can name them. */
interface Group {
  readonly source: Source
  readonly group: SeriesParts
  /** Condition: a row is of one of them. */
  readonly named: string
}

function eachGroup(parts: DayParts, act: (group: Group) => readonly string[]): readonly string[] {
  return SOURCES.flatMap((source) =>
    (parts.bases.get(source.id) ?? []).flatMap((group) =>
      chunksOf(group.symbols).flatMap((named) => act({ source, group, named })),
    ),
  )
}

/**
 * The parts of a day with the symbols together of which the same is known of some days, whatever is known
 * of the days around them.
 */
function ofRange(parts: DayParts, { from, to }: Range): DayParts {
  // One more, as what ends with the range may still get trades.
  const wide = { from, to: to + 1 }
  const together = (all: readonly SeriesParts[]) => {
    const groups = new Map<string, SeriesParts>()
    for (const { symbols = [], ...one } of all) {
      const cut = { ...one, complete: inside(one.complete, wide), read: inside(one.read, wide) }
      const key = JSON.stringify(cut)
      groups.set(key, { ...cut, symbols: [...(groups.get(key)?.symbols ?? []), ...symbols] })
    }
    return [...groups.values()].map(({ symbols = [], ...group }) => {
      return symbols.length > 0 ? { ...group, symbols } : group
    })
  }
  return { ...parts, bases: new Map([...parts.bases].map(([id, all]) => [id, together(all)])) }
}

function chunksOf(symbols: readonly string[] | undefined): readonly string[] {
  if (!symbols) return [ALL]
  const chunks: string[] = []
  for (let at = 0; at < symbols.length; at += MOST_NAMED) {
    const some = symbols.slice(at, at + MOST_NAMED).map((one) => `'${one.replaceAll("'", "''")}'`)
    chunks.push(`symbol IN (${some.join(', ')})`)
  }
  return chunks
}

/** Longer candles of shorter ones, as the steps before made them. */
function gather(
  { constants }: Source,
  interval: string,
  named: string,
  ranges: readonly Range[],
  start: string,
): string {
  return `SELECT ${start} AS start, exchange, market, symbol,
    first(open) AS open, max(high) AS high, min(low) AS low, last(close) AS close,
    sum(volume) AS volume, sum(quote_volume) AS quote_volume, sum(trades) AS trades
    FROM ${CANDLES.name} WHERE exchange = '${constants['exchange']}' AND ${intervalIn([interval])}
    AND dead = 0 AND ${named} AND ${within(ranges)} GROUP BY start, exchange, market, symbol`
}

/** Rows of `COLUMNS` from those of candles of one interval. */
function candlesOf({ name, open }: Pick<DayInterval, 'name' | 'open'>, rows: string): string {
  const closed = open.length > 0 ? `NOT (start IN (${open.map(stamp).join(', ')}))` : 'true'
  return `SELECT start, exchange, market, symbol, '${ORIGIN}', '${name}',
    open, high, low, close, volume, quote_volume, trades, ${closed} FROM (${rows})`
}

function intervalIn(intervals: readonly string[]): string {
  const names = intervals.map((name) => `'${name}'`).join(', ')
  return `origin = '${ORIGIN}' AND interval IN (${names})`
}

function hullOf(ranges: readonly Range[]): Range {
  return {
    from: Math.min(...ranges.map(({ from }) => from)),
    to: Math.max(...ranges.map(({ to }) => to)),
  }
}
