import type { BackfillRequest } from '@backtide/core/request'
import type { StateCounts } from '@backtide/core/state'
import type { QuestDb, Row } from '../questdb.ts'
import { instant, sql, trusted } from '../sql.ts'
import type { BackfillEnd, BackfillRecord, EndedCount } from './backfill-record.ts'

/** One backfill by id. */
export async function findBackfill(db: QuestDb, id: string): Promise<BackfillRecord | undefined> {
  const rows = await db.query(sql`SELECT ${COLUMNS} FROM ${BOTH} WHERE a.id = ${id}`)
  return rows.map(readRecord).at(0)
}

/** Backfills, newest first, that were created before an instant (UTC milliseconds). */
export async function listBackfills(
  db: QuestDb,
  { limit, before }: { readonly limit: number; readonly before?: number },
): Promise<readonly BackfillRecord[]> {
  const rows = await db.query(
    sql`SELECT ${COLUMNS} FROM ${BOTH} WHERE a.created_at < ${instant(before ?? END_OF_TIME)}
      ORDER BY a.created_at DESC, a.id LIMIT ${limit}`,
  )
  return rows.map(readRecord)
}

/** All backfills of one request, newest first. */
export async function backfillsOfRequest(
  db: QuestDb,
  requestHash: string,
): Promise<readonly BackfillRecord[]> {
  const rows = await db.query(
    sql`SELECT ${COLUMNS} FROM ${BOTH} WHERE a.request_hash = ${requestHash}
      ORDER BY a.created_at DESC`,
  )
  return rows.map(readRecord)
}

/** How many backfills of a namespace ended how, by dataset. */
export async function countEnded(db: QuestDb, namespace: string): Promise<readonly EndedCount[]> {
  const rows = await db.query(
    sql`SELECT dataset, outcome, count() FROM backfills
      WHERE event = 'ended' AND namespace = ${namespace} GROUP BY dataset, outcome`,
  )
  return rows.map(([dataset, outcome, count]) => ({
    dataset: String(dataset),
    outcome: String(outcome) as BackfillEnd['outcome'],
    count: Number(count),
  }))
}

function readRecord(row: Row): BackfillRecord {
  const [createdAt, id, requestHash, request, retryOf, namespace] = row
  const ended = readEnd(row)
  return {
    id: String(id),
    namespace: String(namespace),
    createdAt: Date.parse(String(createdAt)),
    requestHash: String(requestHash),
    request: JSON.parse(String(request)) as BackfillRequest,
    ...(retryOf === null ? {} : { retryOf: String(retryOf) }),
    ...(ended ? { ended } : {}),
  }
}

function readEnd(row: Row): BackfillEnd | undefined {
  const [outcome, counts, rows, reason, endedAt, pausedMs] = row.slice(6)
  if (outcome === null || outcome === undefined) return undefined
  return {
    outcome: String(outcome) as BackfillEnd['outcome'],
    counts: JSON.parse(String(counts ?? '{}')) as StateCounts,
    rows: Number(rows ?? 0),
    ...(reason === null ? {} : { reason: String(reason) }),
    endedAt: Date.parse(String(endedAt)),
    ...(typeof pausedMs === 'number' ? { pausedMs } : {}),
  }
}

const END_OF_TIME = Date.UTC(9999, 0, 1)

const COLUMNS = trusted(
  `a.created_at, a.id, a.request_hash, a.request, a.retry_of, a.namespace,
  e.outcome, e.counts, e.rows_distinct, e.reason, e.ended_at, e.paused_ms`,
)

const BOTH = trusted(
  `(SELECT * FROM backfills WHERE event = 'accepted') a
  LEFT JOIN (SELECT * FROM backfills WHERE event = 'ended') e ON a.id = e.id`,
)
