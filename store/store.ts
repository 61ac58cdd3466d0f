import type { TableDefinition } from '@backtide/core/table'
import { putBackfill } from './backfills/put-backfill.ts'
import { backfillsOfRequest, findBackfill, listBackfills } from './backfills/read-backfills.ts'
import { BACKFILLS } from './backfills/table.ts'
import type { QueryStore } from './contract.ts'
import { ensureTable } from './ensure-table.ts'
import { coverDays } from './ledger/cover-days.ts'
import { listLedger } from './ledger/list-ledger.ts'
import { findToReset, resetLedger } from './ledger/reset-ledger.ts'
import { summariseLedger } from './ledger/summarise-ledger.ts'
import { LEDGER, LEDGER_LOG } from './ledger/table.ts'
import { createQuestDb, type QuestDb } from './questdb.ts'
import { sql } from './sql.ts'
import { suspendedTables } from './suspended-tables.ts'

/** Everything Backtide keeps in one QuestDB. */
export interface Store extends QueryStore {
  readonly db: QuestDb
  /** Creates Backtide's own tables and the given ones; checked once per table and process. */
  ensureTables(tables: readonly TableDefinition[]): Promise<void>
}

/**
 * Opens a store; `conf` is a `QDB_CLIENT_CONF`. Nothing is asked of QuestDB before the first call.
 * @throws TypeError for a configuration it cannot read
 */
export function createStore({ conf }: { readonly conf: string }): Store {
  const db = createQuestDb(conf)
  const ensureTables = ensureOnce(db)
  /** The API may ask before any worker created the tables. */
  const withTables = async <T>(read: () => Promise<T>): Promise<T> => {
    await ensureTables([])
    return await read()
  }
  return {
    db,
    ensureTables,
    ping: async () => {
      await db.query(sql`SELECT 1`)
    },
    suspendedTables: () => suspendedTables(db),
    findBackfill: (id) => withTables(() => findBackfill(db, id)),
    listBackfills: (page) => withTables(() => listBackfills(db, page)),
    backfillsOfRequest: (hash) => withTables(() => backfillsOfRequest(db, hash)),
    putBackfill: (record) => withTables(() => putBackfill(db, record)),
    summariseLedger: (scope) => withTables(() => summariseLedger(db, scope)),
    listLedger: (page) => withTables(() => listLedger(db, page)),
    coverDays: (scope) => withTables(() => coverDays(db, scope)),
    findToReset: (scope) => withTables(() => findToReset(db, scope)),
    resetLedger: (rows, note) => withTables(() => resetLedger(db, rows, note)),
  }
}

function ensureOnce(db: QuestDb): Store['ensureTables'] {
  const ensured = new Map<string, Promise<void>>()
  return async (tables) => {
    for (const table of [LEDGER, LEDGER_LOG, BACKFILLS, ...tables]) {
      const pending = ensured.get(table.name) ?? ensureTable(db, table)
      ensured.set(table.name, pending)
      await pending.catch((error: unknown) => {
        ensured.delete(table.name)
        throw error
      })
    }
  }
}
