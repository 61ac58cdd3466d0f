import type { QuestDb } from '../questdb.ts'
import { instant, sql } from '../sql.ts'
import type { KnownWorker, SourceState, WorkerRecord } from './worker-record.ts'

/** A worker writes its record this often, in milliseconds. */
export const TOLD_EVERY_MS = 5_000

/** One that was not heard of for longer is gone, in seconds: two records may be late. */
const SILENT_SECONDS = 12

/** Temporal forgets those who polled earlier, in seconds. */
const FORGOTTEN_SECONDS = 600

/** Writes what a worker says of itself. The times are QuestDB's, so that clocks need not agree. */
export async function putWorker(db: QuestDb, record: WorkerRecord): Promise<void> {
  const { startedAt, worker, namespace, roles, sources } = record
  await db.query(
    sql`INSERT INTO workers (started_at, worker, namespace, roles, sources, seen_at)
      VALUES (${instant(startedAt)}, ${worker}, ${namespace}, ${roles.join(',')},
        ${JSON.stringify(sources)}, now())`,
  )
}

/** Workers of a namespace that were heard of in the last minutes. */
export async function listWorkers(db: QuestDb, namespace: string): Promise<readonly KnownWorker[]> {
  const rows = await db.query(
    sql`SELECT started_at, worker, roles, sources, datediff('s', seen_at, now()) FROM workers
      WHERE namespace = ${namespace} AND seen_at > dateadd('s', ${-FORGOTTEN_SECONDS}, now())`,
  )
  return rows.map(([startedAt, worker, roles, sources, age]) => {
    const polls = String(roles ?? '')
      .split(',')
      .filter(Boolean)
    return {
      worker: String(worker),
      namespace,
      startedAt: Date.parse(String(startedAt)),
      roles: polls,
      sources: JSON.parse(String(sources)) as readonly SourceState[],
      alive: polls.length > 0 && Number(age) <= SILENT_SECONDS,
    }
  })
}
