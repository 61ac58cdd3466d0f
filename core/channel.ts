/** Kinds of data that feeds bring, each the name of a unified table but for `book` (`book_updates`). */
export const CHANNELS = [
  'trades',
  'book',
  'bbo',
  'candles',
  'funding',
  'open_interest',
  'liquidations',
] as const

export type Channel = (typeof CHANNELS)[number]
