import type { Migration } from '../migration.ts'
import { rebuildTable } from '../rebuild-table.ts'
import { LEDGER_LOG_V1, LEDGER_V1 } from './shapes-v1.ts'

/**
 * The ledger goes from DAY to WEEK (a wide read over years took QuestDB to the end of its memory
 * maps), its log from MONTH to WEEK, and both get `rows_ghosts`, `row_check` and `epoch`. A partition
 * length cannot be altered, so the rows move to a new table. `rows_foreign` counted something else
 * than `rows_ghosts` and stays behind.
 */
export const ledgerByWeek: Migration = {
  version: 2,
  title: 'the ledger and its log by week',
  run: async (db, table) => {
    const before = [LEDGER_V1, LEDGER_LOG_V1].find(({ name }) => name === table.name)
    if (before) await rebuildTable(db, { before, after: table, keptAs: `${table.name}_v1` })
  },
}
