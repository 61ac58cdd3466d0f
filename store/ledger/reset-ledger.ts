import { DAY_MS, type Range } from '@backtide/core/range'
import type { QuestDb } from '../questdb.ts'
import { instant, sql, type Statement } from '../sql.ts'
import { ledgerRowOf } from './columns.ts'
import { NOTHING_KNOWN, type LedgerRow } from './ledger-row.ts'
import { COLUMNS } from './list-ledger.ts'
import { writeLedger } from './write-ledger.ts'

/** Objects to forget: of all datasets that fill one table, because rows are dropped for all of them. */
export interface ResetScope {
  readonly datasets: readonly ResetDataset[]
  readonly range: Range
}

export interface ResetDataset {
  readonly id: string
  /** Length of its partitions, milliseconds. */
  readonly partitionLength: number
  /** All symbols when absent. */
  readonly symbols?: readonly string[]
}

/** Who forgets objects, and when (UTC milliseconds). */
export interface ResetNote {
  readonly reason: string
  readonly now: number
}

/** More are not read at once: the ledger of a year of 170 coins has 1.5 million rows. */
export const MOST_RESET = 200_000

/**
 * Rows of the ledger whose objects have rows in a range, or whose partition reaches into it where they
 * have none; at most one more than `MOST_RESET`. The rows of an object may be stamped in the partition
 * before or after its own.
 */
export async function findToReset(
  db: QuestDb,
  { datasets, range }: ResetScope,
): Promise<readonly LedgerRow[]> {
  const near = { from: range.from - REACH_MS, to: range.to + REACH_MS }
  const rows = await db.query(
    sql`SELECT ${COLUMNS} FROM ledger
      WHERE partition_ts >= ${instant(near.from)} AND partition_ts < ${instant(near.to)}
      AND state <> 'reset' AND (${anyOf(datasets.map((dataset) => touches(dataset, range)))})
      ORDER BY partition_ts, object LIMIT ${MOST_RESET + 1}`,
  )
  const found = rows.map(ledgerRowOf)
  return found.length > MOST_RESET ? found : found.filter((row) => isAskedFor(datasets, row))
}

/** Puts on record that objects are forgotten; where their rows were stays known. */
export async function resetLedger(
  db: QuestDb,
  rows: readonly LedgerRow[],
  note: ResetNote,
): Promise<void> {
  const forgotten = rows.map((row) => resetRow(row, note))
  for (let start = 0; start < forgotten.length; start += ROWS_PER_WRITE) {
    await writeLedger(db, forgotten.slice(start, start + ROWS_PER_WRITE))
  }
}

/** A ledger row of an object that was forgotten on purpose: nothing it said counts any more. */
export function resetRow(row: LedgerRow, { reason, now }: ResetNote): LedgerRow {
  return {
    ...row,
    state: 'reset',
    reason,
    backfillId: '',
    ...NOTHING_KNOWN,
    // Without a check it would count as of a time when rows did not say whose they are.
    ...(row.check === undefined ? {} : { check: 0 }),
    epoch: 0,
    checkedAt: now,
  }
}

function touches({ id, partitionLength, symbols }: ResetDataset, { from, to }: Range): Statement {
  const few = symbols && symbols.length <= MOST_NAMED
  const named = few ? sql`AND symbol IN ${symbols}` : sql``
  return sql`(dataset = ${id} ${named} AND (
    (max_ts >= ${from * 1_000} AND min_ts < ${to * 1_000})
    OR (min_ts IS NULL AND partition_ts < ${instant(to)}
      AND partition_ts > ${instant(from - partitionLength)})))`
}

function anyOf(terms: readonly Statement[]): Statement {
  return { text: terms.map(({ text }) => text).join(' OR ') }
}

function isAskedFor(datasets: readonly ResetDataset[], { dataset, symbol }: LedgerRow): boolean {
  const symbols = datasets.find(({ id }) => id === dataset)?.symbols
  return symbols === undefined || symbols.includes(symbol)
}

/** How far outside of its partition a row may be stamped: an hour and five minutes, and then some. */
const REACH_MS = DAY_MS

/** More symbols are sorted out here: a statement travels in a URL. */
const MOST_NAMED = 200

const ROWS_PER_WRITE = 5_000
