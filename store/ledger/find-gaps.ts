import type { GapCause } from '@backtide/core/gap'
import type { Scope } from '@backtide/core/request'
import type { QuestDb, Row } from '../questdb.ts'
import { instant, sql, trusted, type Statement } from '../sql.ts'
import { repairable, type RepairJudge } from './repairable.ts'
import { askInScope } from './scope.ts'

/** Consecutive partitions of one series that are not complete for one cause. */
export interface Gap {
  readonly series: string
  readonly cause: GapCause
  /** Empty where nothing is known. */
  readonly reason: string
  /** UTC milliseconds, half-open. */
  readonly from: number
  readonly to: number
  readonly objects: number
  /** Whether a load could change it: see core/repairable.ts. */
  readonly repairable: boolean
}

/** Which gaps to find. */
export interface GapsAsked extends Scope, RepairJudge {
  /** Length of a partition, milliseconds. */
  readonly partitionLength: number
  readonly causes: readonly GapCause[]
  /** Shorter ones are left out, milliseconds. */
  readonly atLeast: number
  readonly limit: number
  /** Only what is not before it; with it the page begins. */
  readonly since?: GapPosition
}

/** Where a gap stands in their order. */
export type GapPosition = Pick<Gap, 'from' | 'series' | 'cause'>

/**
 * Gaps by start, series and cause, merged by QuestDB: what comes back is as long as the page, however
 * many objects there are.
 */
export async function findGaps(db: QuestDb, asked: GapsAsked): Promise<readonly Gap[]> {
  const answers = await askInScope(asked, async (inScope, series) => {
    const [known, unknown] = await Promise.all([
      knownGaps(db, asked, inScope),
      asked.causes.includes('unknown') ? unknownGaps(db, asked, { inScope, series }) : [],
    ])
    return [...known, ...unknown]
  })
  return answers.flat().toSorted(byPosition).slice(0, asked.limit)
}

/**
 * Consecutive partitions have the same difference of their number and how many there were before of the
 * same series, state and reason; two objects of one partition count once.
 */
async function knownGaps(
  db: QuestDb,
  asked: GapsAsked,
  inScope: Statement,
): Promise<readonly Gap[]> {
  const states = asked.causes.filter((cause) => cause !== 'unknown')
  if (states.length === 0) return []
  const { range, partitionLength, atLeast, limit } = asked
  const number = sql`(cast(at as long) - cast(${instant(range.from)}::timestamp as long)) / ${partitionLength * 1000}`
  const rows = await db.query(
    sql`SELECT series, cause, reason, open, first, last, objects FROM (
      SELECT series, cause, reason, open, stretch, min(at) first, max(at) last, count() objects FROM (
        SELECT series, cause, reason, open, at, ${number} - nth stretch FROM (
          SELECT at, series, cause, reason, open,
            sum(CASE WHEN at = before THEN 0 ELSE 1 END) OVER
              (PARTITION BY series, cause, reason, open ORDER BY at ROWS UNBOUNDED PRECEDING) nth
          FROM (SELECT partition_ts at, symbol series, cast(state as varchar) cause, reason, open,
              lag(partition_ts) OVER (PARTITION BY symbol, state, reason, open ORDER BY partition_ts) before
            FROM (SELECT partition_ts, symbol, state, reason, ${repairable(asked)} open
              FROM ledger WHERE ${inScope} AND state IN ${states})))))
      WHERE datediff('s', first, last) >= ${Math.ceil((atLeast - partitionLength) / 1000)}
        ${knownNotBefore(asked)}
      ORDER BY first, series, cause, reason LIMIT ${limit}`,
  )
  return rows.map(([series, cause, reason, open, first, last, objects]) => ({
    series: String(series),
    cause: String(cause) as GapCause,
    reason: String(reason ?? ''),
    from: Date.parse(String(first)),
    to: Date.parse(String(last)) + partitionLength,
    objects: Number(objects),
    repairable: open === true,
  }))
}

/** Between the rows of a series, before the first and after the last; of a series without rows all. */
async function unknownGaps(
  db: QuestDb,
  asked: GapsAsked,
  { inScope, series }: { readonly inScope: Statement; readonly series: readonly string[] },
): Promise<readonly Gap[]> {
  const { range, partitionLength, atLeast, limit } = asked
  const before = sql`coalesce(before, ${instant(range.from - partitionLength)}::timestamp)`
  const [between, lasts] = await Promise.all([
    db.query(
      sql`SELECT series, since, at FROM (SELECT series, ${before} since, at FROM (
          SELECT partition_ts at, symbol series,
            lag(partition_ts) OVER (PARTITION BY symbol ORDER BY partition_ts) before
          FROM ledger WHERE ${inScope}))
        WHERE datediff('s', since, at) >= ${Math.ceil(Math.max(atLeast, 1) / 1000) + partitionLength / 1000}
          ${unknownNotBefore(asked)}
        ORDER BY since, series LIMIT ${limit}`,
    ),
    db.query(sql`SELECT symbol, max(partition_ts) FROM ledger WHERE ${inScope}`),
  ])
  const last = new Map(lasts.map(([name, at]) => [String(name), Date.parse(String(at))]))
  const after = series.map((name) => {
    const at = last.get(name)
    return {
      series: name,
      from: at === undefined ? range.from : at + partitionLength,
      to: range.to,
    }
  })
  return [...between.map((row) => stretchOf(row, partitionLength)), ...after]
    .filter(({ from, to }) => to > from && to - from >= atLeast)
    .map((stretch) => ({
      ...stretch,
      cause: 'unknown' as const,
      reason: '',
      objects: (stretch.to - stretch.from) / partitionLength,
      repairable: true,
    }))
    .filter((gap) => !asked.since || byPosition(gap, asked.since) >= 0)
}

function stretchOf([series, since, at]: Row, partitionLength: number) {
  return {
    series: String(series),
    from: Date.parse(String(since)) + partitionLength,
    to: Date.parse(String(at)),
  }
}

/** `since` in SQL is the last partition that has a row. */
function unknownNotBefore({ since, partitionLength }: GapsAsked): Statement {
  if (!since) return sql``
  const at = instant(since.from - partitionLength)
  const itself = since.cause <= 'unknown' ? trusted('>=') : trusted('>')
  return sql`AND (since > ${at} OR (since = ${at} AND series ${itself} ${since.series}))`
}

function knownNotBefore({ since }: GapsAsked): Statement {
  if (!since) return sql``
  const at = instant(since.from)
  return sql`AND (first > ${at} OR (first = ${at}
    AND (series > ${since.series} OR (series = ${since.series} AND cause >= ${since.cause}))))`
}

function byPosition(a: GapPosition, b: GapPosition): number {
  if (a.from !== b.from) return a.from - b.from
  if (a.series !== b.series) return a.series < b.series ? -1 : 1
  if (a.cause !== b.cause) return a.cause < b.cause ? -1 : 1
  return 0
}
