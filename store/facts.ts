import { StoreUnavailableError } from './errors.ts'
import type { QuestDb } from './questdb.ts'
import { sql } from './sql.ts'

/** What QuestDB says of itself. */
export interface QuestDbFacts {
  /** Its version, in its own words. */
  readonly build: string
  /** Its clock, UTC milliseconds. */
  readonly now: number
  /** Its settings by name; none where the login may not read them. */
  readonly settings: ReadonlyMap<string, string>
  readonly suspended: readonly SuspendedTable[]
  /** Most transactions that a table has still to apply. */
  readonly behind: { readonly table: string; readonly transactions: number } | undefined
}

/** A table that takes rows and does not apply them. */
export interface SuspendedTable {
  readonly table: string
  readonly error: string
  /** The transaction that could not be applied. */
  readonly transaction: number
}

/** @throws StoreUnavailableError while QuestDB is away */
export async function readFacts(db: QuestDb): Promise<QuestDbFacts> {
  const [[first], wal, settings] = await Promise.all([
    db.query(sql`SELECT build(), now()`),
    db.query(sql`SELECT name, suspended, errorMessage, writerTxn, sequencerTxn FROM wal_tables()`),
    db.query(sql`SHOW PARAMETERS`).catch((error: unknown) => {
      if (error instanceof StoreUnavailableError) throw error
      return []
    }),
  ])
  const tables = wal.map(([table, suspended, error, applied, accepted]) => ({
    table: String(table),
    suspended: suspended === true,
    error: String(error ?? ''),
    transaction: Number(applied) + 1,
    transactions: Number(accepted) - Number(applied),
  }))
  return {
    build: String(first?.[0]),
    now: Date.parse(String(first?.[1])),
    settings: new Map(settings.map(([name, , value]) => [String(name), String(value)])),
    suspended: tables.filter(({ suspended }) => suspended),
    behind: tables.toSorted((a, b) => b.transactions - a.transactions)[0],
  }
}
