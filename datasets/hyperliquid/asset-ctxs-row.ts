import type { Positions } from '../values/csv-header.ts'

/** Numeric columns in the order of the table. */
export const NUMBERS = [
  'funding',
  'open_interest',
  'prev_day_px',
  'day_ntl_vlm',
  'premium',
  'oracle_px',
  'mark_px',
  'mid_px',
  'impact_bid_px',
  'impact_ask_px',
] as const

/** Every column of the archive. */
export const CONTEXT_COLUMNS = ['time', 'coin', ...NUMBERS] as const

/** Position of every column in a line. */
export type ColumnPositions = Positions<(typeof CONTEXT_COLUMNS)[number]>

/** A row of the archive, read by the scanner or by the full parse: one a reader, filled again. */
export class ContextRow {
  /** UTC microseconds. */
  ts = 0
  /** In the order of the table, NaN where the venue had none. */
  readonly numbers = new Float64Array(NUMBERS.length)

  /**
   * Judges a number that was read. The archive writes "none" as `0` or `0.0`, rarely as nothing or
   * `null`: for prices and open interest zero is no value. False when the sign is one that it must
   * not have.
   */
  judge(at: number): boolean {
    const value = this.numbers[at] ?? 0
    if (value < 0 && !MAY_BE_NEGATIVE[at]) return false
    if (value === 0 && IS_NONE_AS_ZERO[at]) this.numbers[at] = Number.NaN
    return true
  }

  /** To be called when all others were judged: a zero premium needs an impact price to be one. */
  judgePremium(): void {
    const { numbers } = this
    const hasImpact = !Number.isNaN(numbers[IMPACT_BID]) || !Number.isNaN(numbers[IMPACT_ASK])
    if (numbers[PREMIUM] === 0 && !hasImpact) numbers[PREMIUM] = Number.NaN
  }

  /** Open interest is, oddly, negative near a delisting. */
  hasNegativeInterest(): boolean {
    return (this.numbers[OPEN_INTEREST] ?? 0) < 0
  }
}

/** The number of a column, NaN where the venue had none. */
export function valueOf(name: (typeof NUMBERS)[number]): (numbers: Float64Array) => number {
  const at = NUMBERS.indexOf(name)
  return (numbers) => numbers[at] ?? Number.NaN
}

/** Columns where zero is how the archive writes "none". */
const ZERO_IS_NONE: ReadonlySet<string> = new Set([
  'open_interest',
  'prev_day_px',
  'oracle_px',
  'mark_px',
  'mid_px',
  'impact_bid_px',
  'impact_ask_px',
])

const SIGNED: ReadonlySet<string> = new Set(['funding', 'premium', 'open_interest'])

const MAY_BE_NEGATIVE = NUMBERS.map((name) => SIGNED.has(name))
const IS_NONE_AS_ZERO = NUMBERS.map((name) => ZERO_IS_NONE.has(name))
const OPEN_INTEREST = NUMBERS.indexOf('open_interest')
const PREMIUM = NUMBERS.indexOf('premium')
const IMPACT_BID = NUMBERS.indexOf('impact_bid_px')
const IMPACT_ASK = NUMBERS.indexOf('impact_ask_px')
