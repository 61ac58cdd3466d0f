import { LOOK_AGAIN } from '@backtide/core/repairable'
import { isOpen, OBJECT_STATES } from '@backtide/core/state'
import { instant, joined, sql, trusted, type Statement } from '../sql.ts'

/** What it is judged by which rows a load could change. */
export interface RepairJudge {
  /** UTC milliseconds. */
  readonly now: number
  /**
   * Decoder versions of the dataset, ascending; each for partitions that start before `until`. There are
   * several where the objects of a partition have formats of their own.
   */
  readonly versions: readonly VersionSpan[]
}

export interface VersionSpan {
  readonly until?: number | undefined
  readonly versions: readonly number[]
}

/** SQL for `isRepairable` (core/repairable.ts) of a row of the ledger: true or false. */
export function repairable({ now, versions }: RepairJudge): Statement {
  return sql`CASE
    WHEN state IN ${SURE} THEN true
    WHEN state = 'pending' THEN ${hasWaited(now)}
    WHEN state IN ('corrupt', 'degraded')
      THEN decoder_version > 0 AND ${isOther(versions)}
    ELSE false END`
}

/**
 * The same for who asks again and again by himself: what failed is not tried every time either, but as
 * seldom as what is pending.
 */
export function due(judge: RepairJudge): Statement {
  return sql`CASE WHEN state = 'failed' THEN ${hasWaited(judge.now)} ELSE ${repairable(judge)} END`
}

/** Whether it is time to look again, as `LOOK_AGAIN` says. */
function hasWaited(now: number): Statement {
  const { partOfAge, least, most } = LOOK_AGAIN
  const at = sql`cast(${instant(now)}::timestamp as long)`
  const age = sql`(${at} - cast(partition_ts as long)) / ${partOfAge}`
  const wait = sql`least(${most * 1000}, greatest(${least * 1000}, ${age}))`
  return sql`${at} - coalesce(cast(checked_at as long), 0) >= ${wait}`
}

function isOther(spans: readonly VersionSpan[]): Statement {
  const cases = spans.map(({ until, versions }) => {
    const other = joined(
      versions.map((version) => sql`decoder_version <> ${version}`),
      ' AND ',
    )
    return until === undefined
      ? sql`WHEN true THEN ${other}`
      : sql`WHEN partition_ts < ${instant(until)} THEN ${other}`
  })
  return trusted(`CASE ${cases.map(({ text }) => text).join(' ')} ELSE false END`)
}

const SURE = OBJECT_STATES.filter((state) => isOpen(state) && state !== 'pending')
