import type { Range } from '@backtide/core/range'
import { DAY_MS } from '@backtide/core/range'
import { READ_BACK } from '@backtide/core/state'
import type { QuestDb } from '../questdb.ts'
import { instant, joined, sql, type Statement } from '../sql.ts'

/** What a day of a dataset is made of, as the ledger has it. */
export interface BaseDay {
  readonly dataset: string
  /** Start of the day, UTC milliseconds. */
  readonly day: number
  /** Another text whenever one of its objects was settled anew, or forgotten. */
  readonly print: string
  /** It has objects of its own, not only rows that those of its neighbours brought. */
  readonly isOwn: boolean
}

/**
 * Days of some datasets whose rows were read back, of a range of whole days or of all. A day counts every
 * object that has rows in it, and the first of the day after: it may have more of them, and it tells that
 * the day has come to its end.
 */
export async function baseDays(
  db: QuestDb,
  datasets: readonly string[],
  range?: Range,
  signal?: AbortSignal,
): Promise<readonly BaseDay[]> {
  const rows = await db.query(
    sql`SELECT dataset, day, sum(own), count(), sum(settled)::varchar, sum(k)::varchar
      FROM (${joined(parts(datasets, range), ' UNION ALL ')}) GROUP BY dataset, day ORDER BY day`,
    signal,
  )
  const days = rows.map(([dataset, day, own, ...print]) => ({
    dataset: String(dataset),
    day: Date.parse(String(day)),
    print: print.join('/'),
    isOwn: Number(own) > 0,
  }))
  return range ? days.filter(({ day }) => day >= range.from && day < range.to) : days
}

function parts(datasets: readonly string[], range: Range | undefined): readonly Statement[] {
  // Rows lie in the partition before or after that of their object at most.
  const near = range
    ? sql`AND partition_ts >= ${instant(range.from - DAY_MS)}
        AND partition_ts < ${instant(range.to + DAY_MS)}`
    : sql``
  const read = sql`FROM ledger WHERE dataset IN ${datasets} AND state IN ${READ_BACK} ${near}`
  const facts = sql`checked_at::long / 1000 AS settled, coalesce(row_check, 0) AS k`
  const its = sql`timestamp_floor('d', partition_ts)`
  const first = sql`timestamp_floor('d', min_ts::timestamp)`
  const last = sql`timestamp_floor('d', max_ts::timestamp)`
  return [
    sql`SELECT dataset, ${its} AS day, 1 AS own, ${facts} ${read}`,
    sql`SELECT dataset, ${first} AS day, 0 AS own, ${facts} ${read} AND min_ts IS NOT NULL AND ${first} < ${its}`,
    sql`SELECT dataset, ${last} AS day, 0 AS own, ${facts} ${read} AND max_ts IS NOT NULL AND ${last} > ${its}`,
    sql`SELECT dataset, dateadd('d', -1, partition_ts) AS day, 0 AS own, ${facts} ${read} AND partition_ts = ${its}`,
  ]
}
