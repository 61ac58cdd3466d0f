import type { ObjectContext, RejectReason } from '../dataset.ts'
import type { Positions } from '../values/csv-header.ts'
import { parseAmount } from '../values/decimal.ts'

/** Every column of a file of candles, as files without a header have them. */
export const KLINE_COLUMNS = [
  'open_time',
  'open',
  'high',
  'low',
  'close',
  'volume',
  'close_time',
  'quote_volume',
  'count',
  'taker_buy_volume',
  'taker_buy_quote_volume',
  'ignore',
] as const

export type KlineColumn = (typeof KLINE_COLUMNS)[number]

/** Position of every column in a line. */
export type KlinePositions = Positions<KlineColumn>

/** How a column is written: a time or a count in digits, a decimal that is not negative, anything. */
export type KlineKind = 'digits' | 'amount' | 'anything'

/** How each of `KLINE_COLUMNS` is written. */
export const KLINE_KINDS: readonly KlineKind[] = KLINE_COLUMNS.map((name) => {
  if (name === 'ignore') return 'anything'
  return ['open_time', 'close_time', 'count'].includes(name) ? 'digits' : 'amount'
})

/** Most digits of a time or a count: what more there are is of no time and no count. */
export const MOST_DIGITS = 16

/** A candle of a file, read by the scanner or by the full parse: one a reader, filled again. */
export class KlineRow {
  /** In the order of `KLINE_COLUMNS`, times in the unit of the file. */
  readonly values = new Float64Array(KLINE_COLUMNS.length)

  get(name: KlineColumn): number {
    return this.values[KLINE_COLUMNS.indexOf(name)] ?? 0
  }

  /** Fills it from the fields of a line, all but what `CandleTimes` judges. */
  parse(fields: readonly string[], positions: KlinePositions): true | RejectReason {
    for (const [column, name] of KLINE_COLUMNS.entries()) {
      const value = parseField(fields[positions[name]] ?? '', KLINE_KINDS[column] ?? 'anything')
      if (typeof value === 'string') return value
      this.values[column] = value
    }
    return true
  }
}

/**
 * The times that candles of a day can have: they open on the grid of their interval, and close where
 * the next one opens. Anything else, as times in another unit, is no candle of this file.
 */
export class CandleTimes {
  /** Candles that a whole day has. */
  readonly count: number
  /** Start of the day, length of the day and of a candle in the unit of the file. */
  readonly #from: number
  readonly #length: number
  readonly #step: number
  readonly #unitMicros: number

  /** The interval in milliseconds, and how many microseconds a unit of the file has. */
  constructor({ from, to }: ObjectContext, intervalMs: number, unitMicros: 1 | 1000) {
    const unitsPerMs = 1000 / unitMicros
    this.#from = from * unitsPerMs
    this.#length = (to - from) * unitsPerMs
    this.#step = intervalMs * unitsPerMs
    this.#unitMicros = unitMicros
    this.count = (to - from) / intervalMs
  }

  /** Whether a candle can have these times, in the unit of the file. */
  judge(open: number, close: number): true | RejectReason {
    const since = open - this.#from
    if (!(since >= 0 && since < this.#length)) return 'outside_partition'
    return since % this.#step === 0 && close === open + this.#step - 1 ? true : 'wrong_shape'
  }

  /** Which candle of the day it is. */
  indexOf(open: number): number {
    return (open - this.#from) / this.#step
  }

  /** UTC microseconds. */
  microsOf(open: number): number {
    return open * this.#unitMicros
  }
}

const DIGITS = new RegExp(String.raw`^\d{1,${MOST_DIGITS}}$`)

function parseField(text: string, kind: KlineKind): number | RejectReason {
  if (kind === 'amount') return parseAmount(text)
  if (kind === 'anything') return 0
  return DIGITS.test(text) ? Number(text) : 'wrong_shape'
}
