import { setTimeout as delay } from 'node:timers/promises'
import { TableShapeError } from '../errors.ts'
import type { QuestDb } from '../questdb.ts'
import type { Migration, OwnTable } from './migration.ts'
import { coinsHaveTheirMarket } from './migrations/coins-have-their-market.ts'
import { backfillsKeepPauses } from './migrations/backfills-keep-pauses.ts'
import { ledgerByWeek } from './migrations/ledger-by-week.ts'
import { rowsKnowTheirObject } from './migrations/rows-know-their-object.ts'

/** All of them, in order; version 1 is what Backtide 0.1.0 created. */
export const MIGRATIONS: readonly Migration[] = [
  ledgerByWeek,
  rowsKnowTheirObject,
  coinsHaveTheirMarket,
  backfillsKeepPauses,
]

/** Version of tables as they are created now. */
export const LATEST_VERSION = Math.max(...MIGRATIONS.map(({ version }) => version))

/** Runs what a table of a version has before it. */
export async function migrate(db: QuestDb, table: OwnTable, version: number): Promise<void> {
  for (const migration of MIGRATIONS) {
    if (migration.version > version) await insist(() => migration.run(db, table))
  }
}

/** What fails may have been done by another process meanwhile: a migration then finds it done. */
async function insist(run: () => Promise<void>): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await run()
    } catch (error) {
      if (attempt === ATTEMPTS || error instanceof TableShapeError) throw error
      await delay(PAUSE_MS * attempt)
    }
  }
}

const ATTEMPTS = 4
const PAUSE_MS = 100
