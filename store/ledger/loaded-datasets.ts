import { addCounts, type StateCounts } from '@backtide/core/state'
import type { QuestDb, Row } from '../questdb.ts'
import { sql } from '../sql.ts'

/** What the ledger holds of one dataset. */
export interface LoadedDataset {
  readonly dataset: string
  readonly counts: StateCounts
  readonly rows: number
  /** Compressed bytes. */
  readonly bytes: number
  /** Starts of its first and last partition that has rows, UTC milliseconds. */
  readonly first?: number
  readonly last?: number
}

/** What the ledger holds, a dataset each. */
export async function loadedDatasets(db: QuestDb): Promise<readonly LoadedDataset[]> {
  const rows = await db.query(
    sql`SELECT dataset, state, count(), sum(rows_distinct), sum(size),
      min(CASE WHEN rows_distinct > 0 THEN partition_ts END),
      max(CASE WHEN rows_distinct > 0 THEN partition_ts END)
      FROM ledger GROUP BY dataset, state`,
  )
  const found = new Map<string, LoadedDataset>()
  for (const row of rows) {
    const one = readState(row)
    found.set(one.dataset, add(found.get(one.dataset), one))
  }
  return [...found.values()]
}

function readState([dataset, state, objects, rows, bytes, first, last]: Row): LoadedDataset {
  return {
    dataset: String(dataset),
    counts: { [String(state)]: Number(objects) },
    rows: Number(rows ?? 0),
    bytes: Number(bytes ?? 0),
    ...(typeof first === 'string' && { first: Date.parse(first) }),
    ...(typeof last === 'string' && { last: Date.parse(last) }),
  }
}

function add(a: LoadedDataset | undefined, b: LoadedDataset): LoadedDataset {
  if (!a) return b
  const first = Math.min(a.first ?? Infinity, b.first ?? Infinity)
  const last = Math.max(a.last ?? -Infinity, b.last ?? -Infinity)
  return {
    dataset: a.dataset,
    counts: addCounts(a.counts, b.counts),
    rows: a.rows + b.rows,
    bytes: a.bytes + b.bytes,
    ...(Number.isFinite(first) && { first, last }),
  }
}
