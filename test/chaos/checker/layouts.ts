import type { DecodedBook } from './decode.ts'

/** One dataset over the archive: which books it keeps, and the rows they must give. */
export interface Layout {
  readonly dataset: string
  /** The view that is compared. */
  readonly view: string
  readonly symbolColumn: string
  /** Columns that make a row unique, and the others, as SQL. */
  readonly keyColumns: readonly string[]
  readonly valueColumns: readonly string[]
  /** Of the books of one coin with the same slot only the last stays. */
  readonly slotOf: (book: DecodedBook) => string
  /** Rows of a book that stays: keys and values as `readRows` gives them. */
  readonly rowsOf: (coin: string, book: DecodedBook) => readonly (readonly [string, string])[]
  /** Rows the table keeps of a book that stays; views may hide some of them. */
  readonly keptRows: (book: DecodedBook) => number
  /** Value of a row found, as `rowsOf` writes it. */
  readonly valueOf: (cells: readonly unknown[]) => string
}

/** Parts of a key, as one text. */
export function keyText(parts: readonly unknown[]): string {
  return parts.map(String).join(' ')
}

const L2_BOOK: Layout = {
  dataset: 'hyperliquid.l2_book',
  view: 'l2_book',
  symbolColumn: 'symbol',
  keyColumns: ['symbol', 'ts', 'ts_recv'],
  valueColumns: ['exchange', 'market', 'bids', 'asks'],
  slotOf: ({ time, recv }) => `${time} ${recv}`,
  rowsOf: (coin, { time, recv, bids, asks }) => {
    const sides = [bids, asks].map((side) =>
      [0, 1, 2].map((row) => side.map((level) => level[row])),
    )
    const key = keyText([coin, microsText(time), nanosText(recv)])
    return [[key, bookValue('hyperliquid', 'perp', sides[0], sides[1])]]
  },
  keptRows: () => 1,
  valueOf: ([exchange, market, bids, asks]) => bookValue(exchange, market, bids, asks),
}

const L2_SNAPSHOT: Layout = {
  dataset: 'hyperliquid.l2_snapshot',
  view: 'l2_snapshot',
  symbolColumn: 'ticker',
  keyColumns: ['ticker', 'ts', 'side', 'level'],
  valueColumns: ['price', 'quantity'],
  slotOf: ({ time }) => `${time}`,
  rowsOf: (coin, { time, bids, asks }) =>
    Object.entries({ bid: bids, ask: asks }).flatMap(([side, levels]) =>
      levels.map(([price, quantity], level) => {
        const key = keyText([coin, microsText(time), side, level])
        return [key, JSON.stringify([price, quantity])] as const
      }),
    ),
  // One without a level is kept as one row that is not seen: it takes the place of what was there.
  keptRows: ({ bids, asks }) => Math.max(1, bids.length + asks.length),
  valueOf: (cells) => JSON.stringify(cells),
}

/** Datasets that read the objects of the archive. */
export const LAYOUTS = [L2_BOOK, L2_SNAPSHOT] as const

/** A side without a level has several spellings, which mean the same. */
function bookValue(exchange: unknown, market: unknown, bids: unknown, asks: unknown): string {
  const sides = [bids, asks].map((side) => (hasLevels(side) ? side : []))
  return JSON.stringify([exchange, market, ...sides])
}

function hasLevels(side: unknown): boolean {
  return Array.isArray(side) && side.some((row) => Array.isArray(row) && row.length > 0)
}

/** `2025-01-01T00:00:00.000000Z`, as QuestDB writes a TIMESTAMP. */
function microsText(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, -1)}000Z`
}

/** `2025-01-01T00:00:00.000000000Z`, as QuestDB writes a TIMESTAMP_NS. */
function nanosText(nanos: bigint): string {
  const seconds = new Date(Number(nanos / 1_000_000n)).toISOString().slice(0, 19)
  return `${seconds}.${String(nanos % 1_000_000_000n).padStart(9, '0')}Z`
}
