import { LEDGER } from '@backtide/store/ledger/table'
import { identifier, sql } from '@backtide/store/sql'
import type { Store } from '@backtide/store/store'
import { waitApplied } from '@backtide/store/wait-applied'
import { setTimeout as delay } from 'node:timers/promises'
import { LAYOUTS } from './layout.ts'

/** Empties some tables, those of all layouts without any, and the ledger: nothing was ever loaded. */
export async function forgetAll({ db }: Store, tables = TABLES): Promise<void> {
  for (const name of [...tables, LEDGER.name]) {
    await db.query(sql`TRUNCATE TABLE ${identifier(name)}`)
    await waitApplied(db, name)
  }
}

/** Waits until all that was sent to a table is in it, and looks more often than a load does. */
export async function untilApplied({ db }: Store, table: string): Promise<void> {
  for (;;) {
    const [row] = await db.query(
      sql`SELECT writerTxn, sequencerTxn, suspended FROM wal_tables() WHERE name = ${table}`,
    )
    if (row?.[2] === true) throw new Error(`Table ${table} is suspended; see questdb.log`)
    if (row && Number(row[0]) >= Number(row[1])) return
    await delay(POLL_MS)
  }
}

/** Stops applying what is sent to a table, or goes on with it. */
export async function setApplying({ db }: Store, table: string, applying: boolean): Promise<void> {
  const name = identifier(table)
  await db.query(
    applying ? sql`ALTER TABLE ${name} RESUME WAL` : sql`ALTER TABLE ${name} SUSPEND WAL`,
  )
}

/** @throws Error when a table does not hold exactly so many rows */
export async function expectRows({ db }: Store, table: string, rows: number): Promise<void> {
  const [row] = await db.query(sql`SELECT count() FROM ${identifier(table)}`)
  const found = Number(row?.[0])
  if (found !== rows) throw new Error(`${table} holds ${found} rows, not ${rows}: nothing counts`)
}

const TABLES: readonly string[] = LAYOUTS.map(({ dataset }) => dataset.table.name)

const POLL_MS = 5
