import type { Fence } from '../fence.ts'
import { insertRows, type TableRow } from '../insert-rows.ts'
import type { QuestDb } from '../questdb.ts'
import type { LedgerRow } from '../records.ts'
import { waitApplied } from '../wait-applied.ts'
import { LEDGER, LEDGER_LOG } from './table.ts'

/**
 * Writes what became of some objects: the log first, so that no state is without its transition,
 * then the ledger, and waits until the ledger can be read.
 */
export async function writeLedger(
  db: QuestDb,
  rows: readonly LedgerRow[],
  { signal, fence }: { readonly signal?: AbortSignal; readonly fence?: Fence } = {},
): Promise<void> {
  if (rows.length === 0) return
  await insertRows(db, LEDGER_LOG, rows.map(logRow), fence)
  await insertRows(db, LEDGER, rows.map(ledgerRow), fence)
  await waitApplied(db, LEDGER.name, signal ? { signal } : {})
}

function ledgerRow(row: LedgerRow): TableRow {
  return {
    partition_ts: row.partition,
    dataset: row.dataset,
    object: row.object,
    symbol: row.symbol,
    state: row.state,
    reason: row.reason,
    backfill_id: row.backfillId,
    decoder_version: row.decoderVersion,
    etag: row.etag,
    size: row.size,
    content_hash: row.contentHash,
    lines: row.lines,
    rows_decoded: row.rows,
    rows_distinct: row.distinctRows,
    rows_superseded: row.superseded,
    rows_foreign: row.foreign,
    rejected: row.rejected,
    warnings: row.warnings,
    details: row.details,
    min_ts: row.minTs,
    max_ts: row.maxTs,
    checked_at: row.checkedAt,
  }
}

function logRow(row: LedgerRow): TableRow {
  return {
    ts: row.checkedAt,
    dataset: row.dataset,
    object: row.object,
    partition_ts: row.partition,
    state: row.state,
    reason: row.reason,
    backfill_id: row.backfillId,
    decoder_version: row.decoderVersion,
    etag: row.etag,
    content_hash: row.contentHash,
    rows_distinct: row.distinctRows,
  }
}
