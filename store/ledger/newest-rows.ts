import type { Range } from '@backtide/core/range'
import type { QuestDb } from '../questdb.ts'
import { instant, joined, sql, trusted, type Statement } from '../sql.ts'

/** Objects whose rows are looked for: of some series, or of some intervals, or of all. */
export interface NewestAsked {
  readonly dataset: string
  readonly series?: readonly string[]
  readonly intervals?: readonly string[]
  /** Of rows. */
  readonly range: Range
  /** How far rows lie outside of their object's partition at most, and its length: milliseconds. */
  readonly aroundMs: number
  readonly limit: number
}

/**
 * Where the last `limit` rows of a range are, as the ledger knows it, in UTC milliseconds: it has as
 * many objects with rows, the latest of the range. Undefined where it has none.
 */
export async function newestRows(db: QuestDb, asked: NewestAsked): Promise<Range | undefined> {
  const { dataset, series, intervals, range, aroundMs, limit } = asked
  const terms = [
    sql`partition_ts >= ${instant(range.from - aroundMs)}`,
    sql`partition_ts < ${instant(range.to + aroundMs)}`,
    sql`dataset = ${dataset} AND rows_distinct > 0`,
    sql`max_ts >= ${range.from * 1000} AND min_ts < ${range.to * 1000}`,
    ...(series ? [sql`symbol IN ${series}`] : intervals ? [anyInterval(intervals)] : []),
  ]
  const [row] = await db.query(
    sql`SELECT min(min_ts), max(max_ts) FROM (SELECT min_ts, max_ts FROM ledger
      WHERE ${joined(terms, ' AND ')} LIMIT ${-limit})`,
  )
  const [first, last] = row ?? []
  if (typeof first !== 'number' || typeof last !== 'number') return undefined
  // Newer objects than these may end earlier, but none begins after all of them.
  const newest = last + aroundMs * 1000
  return {
    from: Math.max(range.from, Math.floor(first / 1000)),
    to: Math.min(range.to, Math.ceil(newest / 1000)),
  }
}

function anyInterval(intervals: readonly string[]): Statement {
  const terms = intervals.map((interval) => sql`symbol LIKE ${`% ${interval}`}`)
  return trusted(`(${joined(terms, ' OR ').text})`)
}
