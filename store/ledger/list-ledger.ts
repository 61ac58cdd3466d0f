import type { ObjectState } from '@backtide/core/state'
import type { QuestDb, Row } from '../questdb.ts'
import type { LedgerRow, LedgerScope } from '../records.ts'
import { instant, sql, trusted, type Statement } from '../sql.ts'
import { inScope } from './scope.ts'

/** Which rows of the ledger to list. */
export interface LedgerPage extends LedgerScope {
  readonly states?: readonly ObjectState[]
  readonly limit?: number
  /** The last row of the page before. */
  readonly after?: { readonly partition: number; readonly object: string }
}

/** Rows of the ledger by partition, then object. */
export async function listLedger(
  db: QuestDb,
  page: LedgerPage,
  signal?: AbortSignal,
): Promise<readonly LedgerRow[]> {
  const rows = await db.query(
    sql`SELECT ${COLUMNS} FROM ledger WHERE ${inScope(page)}${inStates(page.states)}${below(page.after)}
      ORDER BY partition_ts, object LIMIT ${page.limit ?? MOST}`,
    signal,
  )
  return rows.map(readRow)
}

function inStates(states: readonly ObjectState[] | undefined): Statement {
  return states ? { text: ` AND state IN ${sql`${states}`.text}` } : NOTHING
}

function below(after: LedgerPage['after']): Statement {
  if (!after) return NOTHING
  const at = instant(after.partition)
  const terms = sql`partition_ts > ${at} OR (partition_ts = ${at} AND object > ${after.object})`
  return { text: ` AND (${terms.text})` }
}

/** A row of the ledger out of `COLUMNS`. */
export function readRow(row: Row): LedgerRow {
  const text = (index: number) => String(row[index] ?? '')
  const count = (index: number) => Number(row[index] ?? 0)
  return {
    partition: Date.parse(text(0)),
    dataset: text(1),
    object: text(2),
    symbol: text(3),
    state: text(4) as ObjectState,
    reason: text(5),
    backfillId: text(6),
    decoderVersion: count(7),
    etag: text(8),
    size: count(9),
    contentHash: text(10),
    lines: count(11),
    rows: count(12),
    distinctRows: count(13),
    superseded: count(14),
    foreign: count(15),
    rejected: count(16),
    warnings: count(17),
    details: text(18),
    ...(typeof row[19] === 'number' ? { minTs: row[19] } : {}),
    ...(typeof row[20] === 'number' ? { maxTs: row[20] } : {}),
    checkedAt: Date.parse(text(21)),
  }
}

const NOTHING: Statement = { text: '' }

/** More objects than one day of one dataset can have. */
const MOST = 1_000_000

/** What `readRow` reads. */
export const COLUMNS = trusted(
  `partition_ts, dataset, object, symbol, state, reason, backfill_id, decoder_version, etag, size,
  content_hash, lines, rows_decoded, rows_distinct, rows_superseded, rows_foreign, rejected, warnings,
  details, min_ts, max_ts, checked_at`,
)
