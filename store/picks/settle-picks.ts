import {
  choosePicks,
  isContested,
  pickChanges,
  type OriginCoverage,
  type PickSource,
} from '@backtide/core/picks'
import { partitionsOf } from '@backtide/core/partition'
import { DAY_MS, HOUR_MS, type Range } from '@backtide/core/range'
import type { DataTable } from '@backtide/core/table'
import { StoreUnavailableError } from '../errors.ts'
import type { Fence } from '../fence.ts'
import type { QuestDb } from '../questdb.ts'
import { ensureView } from '../schema/ensure-view.ts'
import { coverageByLedger } from './coverage.ts'
import {
  originHours,
  originsWithRows,
  putPicks,
  storedPicks,
  type OriginHour,
  type PickedSeries,
  type PickedTable,
  type PicksScope,
  type SeriesPick,
} from './series-picks.ts'

/** What to settle. */
export interface PicksAsked {
  readonly table: DataTable
  /** All that fills the table: `pickSourcesOf` of datasets. */
  readonly sources: readonly PickSource[]
  /** Where rows, or what is known of them, changed; UTC milliseconds. */
  readonly range: Range
  readonly where: PicksScope['where']
  /** An origin whose rows are about to come: until they are settled, readers go on seeing the others. */
  readonly coming?: string
}

/**
 * Makes readers see one origin of every series in the days of a range, by what ledger and table say now
 * (core/picks.ts), and resolves to how many picks that changed. Does nothing for a table whose origins
 * are not picked. What it comes to depends on nothing else, and it looks again after every change: so
 * several may settle neighbouring days at once, and whoever writes last has seen what the others did.
 * @throws StoreUnavailableError when what is known goes on changing
 */
export async function settlePicks(
  db: QuestDb,
  asked: PicksAsked,
  options: { readonly signal?: AbortSignal; readonly fence?: Fence } = {},
): Promise<number> {
  const { picked } = asked.table.view
  if (!picked) return 0
  const of = { table: asked.table, picked }
  const { from, to } = wholeDays(asked)
  let changed = 0
  for (let start = from; start < to; start += WEEK_MS) {
    const scope = { from: start, to: Math.min(to, start + WEEK_MS), where: asked.where }
    changed += await settleScope(db, of, { ...asked, scope }, options)
  }
  return changed
}

async function settleScope(
  db: QuestDb,
  of: PickedTable,
  asked: Asked,
  options: { readonly signal?: AbortSignal; readonly fence?: Fence },
): Promise<number> {
  const { name, view } = of.table
  for (let changed = 0, look = 0; look < MOST_LOOKS; look++) {
    const changes = await findChanges(db, of, asked, options.signal)
    if (changes.length === 0) return changed
    await putPicks(db, of, changes, options)
    await ensureView(db, name, view)
    changed += changes.length
  }
  throw new StoreUnavailableError(
    `What is known of ${view.name} goes on changing: the next attempt settles its origins`,
  )
}

/** A longer range is settled in parts: what is known of an hour of 400 symbols are 400 rows. */
const WEEK_MS = 7 * DAY_MS

const MOST_LOOKS = 10

/** Days in which rows may be seen otherwise: those of the range, and of what may have strayed from it. */
function wholeDays({ range, sources }: PicksAsked): Range {
  const reach = Math.max(0, ...sources.map(({ reachMs }) => reachMs))
  return {
    from: Math.floor((range.from - reach) / DAY_MS) * DAY_MS,
    to: Math.ceil((range.to + reach) / DAY_MS) * DAY_MS,
  }
}

interface Asked extends PicksAsked {
  readonly scope: PicksScope
}

/**
 * A day of a series with one origin has no pick, until it gets another one or has picks from before:
 * most tables never need any.
 */
async function findChanges(
  db: QuestDb,
  of: PickedTable,
  { sources, scope, coming }: Asked,
  signal?: AbortSignal,
): Promise<readonly SeriesPick[]> {
  const fitting = sources.filter((source) => mayBeIn(source, scope))
  const stored = groupBySeries(await storedPicks(db, of, scope, signal))
  const rows = await originsWithRows(db, of, scope, signal)
  const isOne = (more: readonly string[]) =>
    stored.size === 0 && (rows.length === 0 || new Set([...rows, ...more]).size < 2)
  const next = coming === undefined ? [] : [coming]
  if (isOne([...next, ...fitting.map(({ origin }) => origin)])) return []
  const ledger = await coverageByLedger(db, of.picked, { sources: fitting, scope }, signal)
  if (isOne([...next, ...ledger.origins])) return []
  const hours = groupBySeries(await originHours(db, of, scope, signal))
  return [...new Set([...hours.keys(), ...stored.keys()])].flatMap((key) => {
    const series = JSON.parse(key) as PickedSeries
    const before = stored.get(key) ?? []
    const all = [...ledger.of(series), ...coverageByRows(hours.get(key) ?? [])]
    const wanted = daysOf(scope).flatMap((day) => {
      const isPicked = before.some(({ from }) => from >= day.from && from < day.to)
      const then = next.map((origin) => ({ origin, partitions: [], reachMs: 0, rows: [day] }))
      const needed = isPicked || isContested([...all, ...then], day)
      return needed ? choosePicks(all, of.picked.priority, day) : []
    })
    return pickChanges(before, wanted).map((pick) => ({ ...pick, series }))
  })
}

/** Whether rows of a source may be among those of a scope. */
function mayBeIn({ constants }: PickSource, { where }: PicksScope): boolean {
  return Object.entries(constants).every(([name, value]) => where[name]?.includes(value) ?? true)
}

function coverageByRows(hours: readonly OriginHour[]): readonly OriginCoverage[] {
  return hours.map(({ origin, hour }) => ({
    origin,
    partitions: [],
    reachMs: 0,
    rows: [{ from: hour, to: hour + HOUR_MS }],
  }))
}

function daysOf({ from, to }: Range): readonly Range[] {
  return partitionsOf({ from, to }, 'day').map((day) => ({ from: day, to: day + DAY_MS }))
}

function groupBySeries<T extends { readonly series: PickedSeries }>(
  all: readonly T[],
): ReadonlyMap<string, readonly T[]> {
  const groups = new Map<string, T[]>()
  for (const one of all) {
    const key = JSON.stringify(one.series)
    groups.set(key, [...(groups.get(key) ?? []), one])
  }
  return groups
}
