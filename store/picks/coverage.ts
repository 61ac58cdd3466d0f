import {
  stateOfAll,
  type OriginCoverage,
  type PickSource,
  type StatedPartition,
} from '@backtide/core/picks'
import { DAY_MS, type Range } from '@backtide/core/range'
import { ALL_SYMBOLS, seriesOf } from '@backtide/core/series'
import type { ObjectState } from '@backtide/core/state'
import type { PickedRows } from '@backtide/core/table'
import type { QuestDb } from '../questdb.ts'
import { instant, sql } from '../sql.ts'
import type { PickedSeries } from './series-picks.ts'

/** What the ledger knows of the origins of a table. */
export interface LedgerCoverage {
  /** Origins of which it knows any partition. */
  readonly origins: readonly string[]
  of(series: PickedSeries): readonly OriginCoverage[]
}

/** What the ledger knows of the partitions of some sources in a range and around it. */
export async function coverageByLedger(
  db: QuestDb,
  { by }: PickedRows,
  { sources, scope }: { readonly sources: readonly PickSource[]; readonly scope: Range },
  signal?: AbortSignal,
): Promise<LedgerCoverage> {
  const states = await readStates(db, sources, scope, signal)
  const partitions = new Map(
    sources.map((source) => [source, statedPartitions(source, states.get(source.dataset))]),
  )
  const of = (series: PickedSeries) => {
    const columns = Object.fromEntries(by.map((name, at) => [name, series[at]]))
    const own = seriesOf(columns['symbol'] ?? '', columns['interval'])
    return sources.flatMap((source) => {
      const { origin, reachMs, constants } = source
      if (Object.entries(constants).some(([name, value]) => columns[name] !== value)) return []
      return [own, ...ALL_SYMBOLS].flatMap((name) => {
        const known = partitions.get(source)?.get(name)
        return known ? [{ origin, reachMs, partitions: known, rows: [] }] : []
      })
    })
  }
  const origins = sources.filter(({ dataset }) => states.has(dataset)).map(({ origin }) => origin)
  return { origins, of }
}

/** States of objects by dataset, series and partition. */
type States = ReadonlyMap<string, ReadonlyMap<string, ReadonlyMap<number, readonly ObjectState[]>>>

async function readStates(
  db: QuestDb,
  sources: readonly PickSource[],
  { from, to }: Range,
  signal?: AbortSignal,
): Promise<States> {
  const known = new Map<string, Map<string, Map<number, ObjectState[]>>>()
  if (sources.length === 0) return known
  // Whether the partitions next to a range are complete is told by its edge.
  const around = { from: from - 2 * DAY_MS, to: to + DAY_MS }
  const rows = await db.query(
    sql`SELECT dataset, symbol, partition_ts, state FROM ledger
      WHERE partition_ts >= ${instant(around.from)} AND partition_ts < ${instant(around.to)}
      AND dataset IN ${sources.map(({ dataset }) => dataset)}`,
    signal,
  )
  for (const [dataset, symbol, at, state] of rows) {
    const ofDataset = orPut(
      known,
      String(dataset),
      () => new Map<string, Map<number, ObjectState[]>>(),
    )
    const ofSeries = orPut(ofDataset, String(symbol), () => new Map<number, ObjectState[]>())
    orPut(ofSeries, Date.parse(String(at)), () => []).push(state as ObjectState)
  }
  return known
}

function statedPartitions(
  { partitionMs, objects }: PickSource,
  bySeries: ReadonlyMap<string, ReadonlyMap<number, readonly ObjectState[]>> = new Map(),
): ReadonlyMap<string, readonly StatedPartition[]> {
  const stated = [...bySeries].map(
    ([series, byStart]) =>
      [
        series,
        [...byStart].map(([from, states]) => ({
          from,
          to: from + partitionMs,
          state: stateOfAll(states, objects(from, series)),
        })),
      ] as const,
  )
  return new Map(stated)
}

function orPut<K, V>(map: Map<K, V>, key: K, make: () => V): V {
  const value = map.get(key) ?? make()
  map.set(key, value)
  return value
}
