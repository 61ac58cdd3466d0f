import type { Range } from '@backtide/core/range'
import type { TableDefinition } from '@backtide/core/table'
import { coveredUntil } from '../epoch/clean-points.ts'
import { CLOCK_SLACK_MS } from '../epoch/distrust.ts'
import { readEpoch } from '../epoch/read-epoch.ts'
import type { Fence } from '../fence.ts'
import { insertRows } from '../insert-rows.ts'
import type { QuestDb } from '../questdb.ts'
import { instant, sql } from '../sql.ts'
import { waitApplied } from '../wait-applied.ts'

/** Which days of what is derived were made, and of what: `base` is empty where that was forgotten. */
export const DERIVED_DAYS: TableDefinition = {
  name: 'derived_days',
  columns: {
    day: 'TIMESTAMP',
    name: 'SYMBOL',
    base: 'VARCHAR',
    rows_made: 'LONG',
    made_at: 'TIMESTAMP',
    epoch: 'TIMESTAMP',
  },
  partitionBy: 'YEAR',
  keys: ['day', 'name'],
}

/** A day that was made. Times are UTC milliseconds. */
export interface MadeDay {
  readonly day: number
  readonly name: string
  /** What it was made of: see `standingOf`. */
  readonly base: string
  readonly rows: number
  readonly madeAt: number
  /** The QuestDB (`Store.epoch`) under which it was made. */
  readonly epoch: number
}

/**
 * Days of something that were made, of a range of whole days or of all, ascending. What a
 * crash of QuestDB may have taken back was not made of anything: its `base` is empty.
 */
export async function madeDays(
  db: QuestDb,
  name: string,
  range?: Range,
  signal?: AbortSignal,
): Promise<readonly MadeDay[]> {
  const near = range ? sql`AND day >= ${instant(range.from)} AND day < ${instant(range.to)}` : sql``
  const epoch = await readEpoch(db, signal)
  const covered = await coveredUntil(db, CLOCK_SLACK_MS)
  const rows = await db.query(
    sql`SELECT day, base, rows_made, made_at, epoch FROM derived_days
      WHERE name = ${name} ${near} ORDER BY day`,
    signal,
  )
  return rows.map(([day, base, count, at, under]) => {
    const [madeAt, madeUnder] = [Date.parse(String(at)), Date.parse(String(under))]
    const isKept = madeUnder === epoch || madeAt <= (covered.get(madeUnder) ?? 0)
    const made = { day: Date.parse(String(day)), name, rows: Number(count), madeAt }
    return { ...made, base: isKept ? String(base ?? '') : '', epoch: madeUnder }
  })
}

/** Puts days on record, and waits until that can be read. */
export async function putMadeDays(
  db: QuestDb,
  days: readonly MadeDay[],
  { fence, signal }: { readonly fence?: Fence; readonly signal?: AbortSignal } = {},
): Promise<void> {
  if (days.length === 0) return
  const rows = days.map(({ rows: count, madeAt, ...day }) => {
    return { ...day, rows_made: count, made_at: madeAt }
  })
  await insertRows(db, DERIVED_DAYS, rows, fence)
  await waitApplied(db, DERIVED_DAYS.name, { signal })
}
