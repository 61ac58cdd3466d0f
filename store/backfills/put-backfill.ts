import { insertRows } from '../insert-rows.ts'
import type { QuestDb } from '../questdb.ts'
import { waitApplied } from '../wait-applied.ts'
import type { BackfillRecord } from './backfill-record.ts'
import { BACKFILLS } from './table.ts'

/** Records that a backfill was accepted or, with `ended`, how it ended; waits until it can be read. */
export async function putBackfill(db: QuestDb, record: BackfillRecord): Promise<void> {
  const { ended } = record
  await insertRows(db, BACKFILLS, [
    {
      created_at: record.createdAt,
      id: record.id,
      event: ended ? 'ended' : 'accepted',
      namespace: record.namespace,
      dataset: record.request.dataset,
      request_hash: record.requestHash,
      request: JSON.stringify(record.request),
      retry_of: record.retryOf,
      outcome: ended?.outcome,
      counts: ended && JSON.stringify(ended.counts),
      rows_distinct: ended?.rows,
      reason: ended?.reason,
      ended_at: ended?.endedAt,
      paused_ms: ended?.pausedMs,
    },
  ])
  await waitApplied(db, BACKFILLS.name)
}
