import { StoreUnavailableError } from './errors.ts'
import type { QuestDb } from './questdb.ts'
import { sql } from './sql.ts'

/** How the table took what was sent. */
export interface Applied {
  /** How long it took, milliseconds. */
  readonly waitedMs: number
  /** QuestDB applies in smaller steps because it is short of memory. */
  readonly memoryPressure: boolean
}

/**
 * Waits until everything sent to a table so far can be read: a 204 of `/write` only means that rows
 * are in the WAL, and a suspended table goes on answering 204.
 * @throws StoreUnavailableError when the table is suspended or does not catch up in `timeoutMs`
 */
export async function waitApplied(
  db: QuestDb,
  table: string,
  { signal, timeoutMs = 60_000 }: { signal?: AbortSignal; timeoutMs?: number } = {},
): Promise<Applied> {
  const started = Date.now()
  const deadline = started + timeoutMs
  let target: number | undefined
  for (let pause = 2; ; pause = Math.min(pause * 2, 100)) {
    const wal = await readWal(db, table, signal)
    target ??= wal.sequencerTxn
    if (wal.suspended) throw suspended(table, wal.error)
    if (wal.writerTxn >= target) {
      return { waitedMs: Date.now() - started, memoryPressure: wal.memoryPressure }
    }
    if (Date.now() > deadline) throw lagging(table, target - wal.writerTxn, timeoutMs)
    await new Promise((resolve) => setTimeout(resolve, pause))
  }
}

/** @throws StoreUnavailableError when the table is suspended: what is sent would not be applied */
export async function assertApplying(
  db: QuestDb,
  table: string,
  signal?: AbortSignal,
): Promise<void> {
  const wal = await readWal(db, table, signal)
  if (wal.suspended) throw suspended(table, wal.error)
}

async function readWal(db: QuestDb, table: string, signal?: AbortSignal): Promise<WalState> {
  const [row] = await db.query(
    sql`SELECT suspended, writerTxn, sequencerTxn, errorMessage, memoryPressure
      FROM wal_tables() WHERE name = ${table}`,
    signal,
  )
  if (!row)
    throw new StoreUnavailableError(`Table ${table} is gone; it is created at the next attempt`)
  return {
    suspended: row[0] === true,
    writerTxn: Number(row[1]),
    sequencerTxn: Number(row[2]),
    error: String(row[3] ?? ''),
    memoryPressure: Number(row[4] ?? 0) > 0,
  }
}

function suspended(table: string, error: string): StoreUnavailableError {
  return new StoreUnavailableError(
    `Table ${table} is suspended${error ? ` (${error})` : ''}: rows are accepted but not applied. ` +
      `Mend the cause, then run ALTER TABLE ${table} RESUME WAL`,
  )
}

function lagging(table: string, behind: number, ms: number): StoreUnavailableError {
  return new StoreUnavailableError(
    `Table ${table} is ${behind} transactions behind after ${ms / 1000} s`,
  )
}

interface WalState {
  readonly suspended: boolean
  readonly writerTxn: number
  readonly sequencerTxn: number
  readonly error: string
  readonly memoryPressure: boolean
}
