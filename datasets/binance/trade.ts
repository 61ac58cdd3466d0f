/** Columns of the files, as the files of other markets name them in a header. */
export const TRADE_COLUMNS = [
  'id',
  'price',
  'qty',
  'quote_qty',
  'time',
  'is_buyer_maker',
  'is_best_match',
] as const

/** One trade, read by the scanner or by the full parse: one a reader, filled again by every line. */
export class Trade {
  /** The venue's number of it. */
  id = 0
  /** UTC microseconds. */
  ts = 0
  price = 0
  size = 0
  /** Whether the taker bought. */
  isBuy = false
}
