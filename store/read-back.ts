import type { QuestDb } from './questdb.ts'
import { identifier, micros, sql, trusted } from './sql.ts'

/** Where and what to read back; `checksum` is the dataset's integer expression over a row. */
export interface ReadBackTarget {
  readonly table: string
  readonly symbolColumn: string
  readonly checksum: string
}

/** Rows of one symbol found in a window. */
export interface FoundRows {
  readonly symbol: string
  readonly rows: number
  /** UTC microseconds; 0 where there are no rows. */
  readonly minTs: number
  readonly maxTs: number
  /** Sum of the checksum over the rows. */
  readonly check: number
}

/** Closed window of timestamps in UTC microseconds. */
export interface Window {
  readonly from: number
  readonly to: number
}

/** What the table holds between two timestamps, both included, by symbol; of some symbols or all. */
export async function readBack(
  db: QuestDb,
  { table, symbolColumn, checksum }: ReadBackTarget,
  symbols: readonly string[] | undefined,
  window: Window,
): Promise<readonly FoundRows[]> {
  const symbol = identifier(symbolColumn)
  const rows = await db.query(
    sql`SELECT ${symbol}, count(), min(ts)::long, max(ts)::long, sum(${trusted(checksum)})
      FROM ${identifier(table)} WHERE ts BETWEEN ${micros(window.from)} AND ${micros(window.to)}
      ${symbols ? sql`AND ${symbol} IN ${symbols}` : sql``} GROUP BY ${symbol}`,
  )
  return rows.map(([name, count, min, max, check]) => ({
    symbol: String(name),
    rows: Number(count),
    minTs: Number(min),
    maxTs: Number(max),
    check: Number(check),
  }))
}

/** Rows of one symbol by timestamp, ascending: to tell foreign rows from wrong ones. */
export async function readBackByTimestamp(
  db: QuestDb,
  { table, symbolColumn, checksum }: ReadBackTarget,
  symbol: string,
  window: Window,
): Promise<readonly FoundAt[]> {
  const rows = await db.query(
    sql`SELECT ts::long at, count(), sum(${trusted(checksum)})
      FROM ${identifier(table)} WHERE ts BETWEEN ${micros(window.from)} AND ${micros(window.to)}
      AND ${identifier(symbolColumn)} = ${symbol} GROUP BY at ORDER BY at`,
  )
  return rows.map(([at, count, check]) => ({
    ts: Number(at),
    rows: Number(count),
    check: Number(check),
  }))
}

export interface FoundAt {
  /** UTC microseconds. */
  readonly ts: number
  readonly rows: number
  readonly check: number
}
