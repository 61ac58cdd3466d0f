import { setTimeout as delay } from 'node:timers/promises'
import { StoreUnavailableError, TableGoneError } from './errors.ts'
import type { QuestDb } from './questdb.ts'
import { sql } from './sql.ts'

/** How the table took what was sent. */
export interface Applied {
  /** How long it took, milliseconds. */
  readonly waitedMs: number
  /** QuestDB applies in smaller steps because it is short of memory. */
  readonly memoryPressure: boolean
}

/** How to wait. */
export interface WaitOptions {
  readonly signal?: AbortSignal | undefined
  /** Longest time without a step forward, milliseconds; slow is not stuck. */
  readonly stuckMs?: number
}

/**
 * Waits until everything sent to a table so far can be read: a 204 of `/write` only means that rows
 * are in the WAL, and a suspended table goes on answering 204.
 * @throws StoreUnavailableError when the table is suspended, or QuestDB applied nothing for `stuckMs`
 * @throws TableGoneError when there is no such table
 */
export async function waitApplied(
  db: QuestDb,
  table: string,
  { signal, stuckMs = 300_000 }: WaitOptions = {},
): Promise<Applied> {
  const started = performance.now()
  let target: number | undefined
  let moved = { at: started, txn: -1 }
  for (;;) {
    const wal = await readWal(db, table, signal)
    target ??= wal.sequencerTxn
    if (wal.suspended) throw suspended(table, wal.error)
    const now = performance.now()
    if (wal.writerTxn >= target) {
      return { waitedMs: Math.round(now - started), memoryPressure: wal.memoryPressure }
    }
    if (wal.writerTxn !== moved.txn) moved = { at: now, txn: wal.writerTxn }
    if (now - moved.at > stuckMs) throw stuck(table, target - wal.writerTxn, stuckMs)
    // What is waited in vain is a twelfth of the wait at most.
    const pause = Math.min(Math.max(2, (now - started) / 12), 100)
    await delay(pause, undefined, signal ? { signal } : {}).catch(() => signal?.throwIfAborted())
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

/** Names of the tables that take rows and do not apply them. */
export async function suspendedTables(db: QuestDb): Promise<readonly string[]> {
  const rows = await db.query(sql`SELECT name FROM wal_tables() WHERE suspended ORDER BY name`)
  return rows.map(([name]) => String(name))
}

async function readWal(db: QuestDb, table: string, signal?: AbortSignal): Promise<WalState> {
  const [row] = await db.query(
    sql`SELECT suspended, writerTxn, sequencerTxn, errorMessage, memoryPressure
      FROM wal_tables() WHERE name = ${table}`,
    signal,
  )
  if (!row) throw new TableGoneError(table)
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

function stuck(table: string, behind: number, ms: number): StoreUnavailableError {
  return new StoreUnavailableError(
    `Table ${table} is ${behind} transactions behind, and QuestDB applied none of them in ${ms / 1000} s`,
  )
}

interface WalState {
  readonly suspended: boolean
  readonly writerTxn: number
  readonly sequencerTxn: number
  readonly error: string
  readonly memoryPressure: boolean
}
