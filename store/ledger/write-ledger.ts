import { distrust } from '../epoch/distrust.ts'
import { readEpoch } from '../epoch/read-epoch.ts'
import type { Fence } from '../fence.ts'
import { insertRows } from '../insert-rows.ts'
import type { QuestDb } from '../questdb.ts'
import { waitApplied } from '../wait-applied.ts'
import { tableRow } from './columns.ts'
import type { LedgerRow } from './ledger-row.ts'
import { LEDGER, LEDGER_LOG } from './table.ts'

/**
 * Writes what became of some objects: the log first, so that no state is without its transition,
 * then the ledger, and waits until the ledger can be read. Rows that were read back under an epoch
 * that is over by then are distrusted at once: those who looked through the ledger when the new one
 * began did not find them.
 */
export async function writeLedger(
  db: QuestDb,
  rows: readonly LedgerRow[],
  { signal, fence }: { readonly signal?: AbortSignal; readonly fence?: Fence } = {},
): Promise<void> {
  if (rows.length === 0) return
  const transitions = rows.map((row) => ({ ts: row.checkedAt, ...tableRow(row, 'log') }))
  await insertRows(db, LEDGER_LOG, transitions, fence)
  await insertRows(
    db,
    LEDGER,
    rows.map((row) => tableRow(row, 'ledger')),
    fence,
  )
  await waitApplied(db, LEDGER.name, { signal })
  const epoch = await readEpoch(db, signal)
  if (rows.some((row) => row.epoch > 0 && row.epoch !== epoch)) {
    await distrust(db, epoch, Date.now())
  }
}
