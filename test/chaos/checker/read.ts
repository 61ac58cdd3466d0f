import type { Range } from '@backtide/core/range'
import { DAY_MS } from '@backtide/core/range'
import { keyText, type Layout } from './layouts.ts'

/** A statement in, rows out; straight from QuestDB, not through the code under test. */
export type Ask = (sql: string) => Promise<readonly (readonly unknown[])[]>

/** Which part of the tables is looked at. */
export interface Scope {
  readonly coins: readonly string[]
  readonly range: Range
}

/** What the ledger says of one object in one dataset. */
export interface LedgerEntry {
  readonly object: string
  readonly state: string
  readonly reason: string
  /** Without quotes. */
  readonly etag: string
  readonly rows: number
}

/** Asks a QuestDB by its address, `http://127.0.0.1:9000`. @throws Error with what it answered */
export function askAt(url: string): Ask {
  return async (sql) => {
    const response = await fetch(`${url}/exec?query=${encodeURIComponent(sql)}`)
    const answer = (await response.json()) as { dataset?: unknown[][]; error?: string }
    if (answer.dataset) return answer.dataset
    if (answer.error === undefined) return []
    throw new Error(`QuestDB: ${answer.error} (${sql})`)
  }
}

/** Rows of a view of one coin, keys and values, the days around the range included. */
export async function readRows(
  ask: Ask,
  { view, symbolColumn, keyColumns, valueColumns, valueOf }: Layout,
  coin: string,
  { from, to }: Range,
): Promise<readonly (readonly [string, string])[]> {
  const columns = [...keyColumns, ...valueColumns].join(', ')
  const rows = await ask(
    `SELECT ${columns} FROM ${view} WHERE ${symbolColumn} = '${coin}'
     AND ts >= '${instant(from - DAY_MS)}' AND ts < '${instant(to + DAY_MS)}'`,
  )
  return rows.map((row) => {
    return [keyText(row.slice(0, keyColumns.length)), valueOf(row.slice(keyColumns.length))]
  })
}

/** The ledger's rows of a dataset. */
export async function readLedger(
  ask: Ask,
  dataset: string,
  { coins, range }: Scope,
): Promise<readonly LedgerEntry[]> {
  const symbols = coins.map((coin) => `'${coin}'`).join(', ')
  const rows = await ask(
    `SELECT object, state, reason, etag, rows_distinct FROM ledger
     WHERE dataset = '${dataset}' AND symbol IN (${symbols})
     AND partition_ts >= '${instant(range.from)}' AND partition_ts < '${instant(range.to)}'
     ORDER BY object`,
  )
  return rows.map(([object, state, reason, etag, count]) => ({
    object: String(object),
    state: String(state),
    reason: textOf(reason),
    etag: textOf(etag).replaceAll('"', ''),
    rows: Number(count ?? 0),
  }))
}

function textOf(cell: unknown): string {
  return typeof cell === 'string' ? cell : ''
}

function instant(ms: number): string {
  return new Date(ms).toISOString()
}
