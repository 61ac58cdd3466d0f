import type { DerivedBase, SeriesParts } from '@backtide/core/derived'
import { DAY_MS, type Range } from '@backtide/core/range'
import { isComplete, READ_BACK, type ObjectState } from '@backtide/core/state'
import type { QuestDb, Row } from '../questdb.ts'
import { instant, sql } from '../sql.ts'

/**
 * What the ledger knows of a base over some whole days and those next to them, series of which the same is
 * known together.
 */
export async function seriesParts(
  db: QuestDb,
  base: DerivedBase,
  { from, to }: Range,
  signal?: AbortSignal,
): Promise<readonly SeriesParts[]> {
  const rows = await db.query(
    sql`SELECT symbol, partition_ts, state, count() FROM ledger
      WHERE dataset = ${base.id} AND partition_ts >= ${instant(from - DAY_MS)}
      AND partition_ts < ${instant(to + DAY_MS)} GROUP BY symbol, partition_ts, state`,
    signal,
  )
  const known = new Map<string, Map<number, StateCount[]>>()
  for (const row of rows) addRow(known, row)
  return together(
    base,
    [...known].map(([symbol, partitions]) => partsOf(base, symbol, partitions)),
  )
}

interface StateCount {
  readonly state: ObjectState
  readonly objects: number
}

function addRow(
  known: Map<string, Map<number, StateCount[]>>,
  [symbol, partition, state, objects]: Row,
): void {
  const series = known.get(String(symbol)) ?? new Map<number, StateCount[]>()
  known.set(String(symbol), series)
  const at = Date.parse(String(partition))
  const counts = series.get(at) ?? []
  series.set(at, [...counts, { state: state as ObjectState, objects: Number(objects) }])
}

function partsOf(
  { partitionMs, objectsAt }: DerivedBase,
  symbol: string,
  partitions: ReadonlyMap<number, readonly StateCount[]>,
) {
  const starts = [...partitions].toSorted(([a], [b]) => a - b)
  const isRead = starts.filter(
    ([, counts]) =>
      counts.some(({ state }) => READ_BACK.includes(state) || state === 'not_listed') &&
      !counts.some(isDoubtful),
  )
  const isWhole = isRead.filter(([start, counts]) => {
    const whole = counts.filter(({ state }) => isComplete(state))
    return whole.reduce((sum, { objects }) => sum + objects, 0) >= objectsAt(start)
  })
  return { symbol, read: runsOf(isRead, partitionMs), complete: runsOf(isWhole, partitionMs) }
}

/** Their rows may be there and do not count. */
function isDoubtful({ state }: StateCount): boolean {
  return state === 'unverified' || state === 'reset'
}

function runsOf(
  partitions: readonly (readonly [number, unknown])[],
  length: number,
): readonly Range[] {
  return partitions.reduce<readonly Range[]>((runs, [start]) => {
    const last = runs.at(-1)
    return last?.to === start
      ? [...runs.slice(0, -1), { from: last.from, to: start + length }]
      : [...runs, { from: start, to: start + length }]
  }, [])
}

function together(
  { spills, isWhole }: DerivedBase,
  all: readonly ReturnType<typeof partsOf>[],
): readonly SeriesParts[] {
  const groups = new Map<string, SeriesParts>()
  for (const { symbol, read, complete } of all) {
    const key = JSON.stringify([read, complete])
    const symbols = [...(groups.get(key)?.symbols ?? []), symbol]
    groups.set(key, { ...(isWhole ? {} : { symbols }), read, complete, spills })
  }
  return [...groups.values()]
}
