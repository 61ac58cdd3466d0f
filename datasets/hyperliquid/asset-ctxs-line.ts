import type { RejectReason } from '../dataset.ts'
import { parseDecimal } from '../values/decimal.ts'

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

export type NumberColumn = (typeof NUMBERS)[number]

/** Values of a row; undefined where the venue had none. */
export type ContextNumbers = Readonly<Record<NumberColumn, number | undefined>>

/**
 * Reads the numbers of a row. The archive writes "none" as `0` or `0.0`, rarely as nothing or
 * `null`: for prices and open interest zero is no value; a zero premium is one only where there are
 * impact prices to compute it from.
 */
export function readNumbers(text: (column: NumberColumn) => string): ContextNumbers | RejectReason {
  const values: Partial<Record<NumberColumn, number | undefined>> = {}
  for (const column of NUMBERS) {
    const value = readNumber(text(column))
    if (typeof value === 'string') return value
    if (value !== undefined && value < 0 && !SIGNED.has(column)) return 'negative'
    values[column] = value === 0 && ZERO_IS_NONE.has(column) ? undefined : value
  }
  const noImpact = values.impact_bid_px === undefined && values.impact_ask_px === undefined
  if (values.premium === 0 && noImpact) values.premium = undefined
  return values as ContextNumbers
}

/** Columns where zero is how the archive writes "none". */
export const ZERO_IS_NONE: ReadonlySet<NumberColumn> = new Set([
  'open_interest',
  'prev_day_px',
  'oracle_px',
  'mark_px',
  'mid_px',
  'impact_bid_px',
  'impact_ask_px',
])

/** Open interest is, oddly, negative near a delisting. */
export const SIGNED: ReadonlySet<NumberColumn> = new Set(['funding', 'premium', 'open_interest'])

function readNumber(text: string): number | undefined | RejectReason {
  return text === '' || text === 'null' ? undefined : parseDecimal(text)
}
