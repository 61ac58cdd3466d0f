import type {
  Derived,
  DerivedBase,
  RefreshInput,
  RefreshRequest,
  RefreshResult,
} from '@backtide/core/derived'
import { dayKey, partitionLength } from '@backtide/core/partition'
import { DAY_MS, type Range } from '@backtide/core/range'
import type { Dataset } from '@backtide/datasets/dataset'
import { findDerived } from '@backtide/datasets/derived/registry'
import type { Registry } from '@backtide/datasets/registry'
import { madeDays, putMadeDays } from '@backtide/store/derived/derived-days'
import { dropDerived } from '@backtide/store/derived/drop-derived'
import { makeDay } from '@backtide/store/derived/make-day'
import { seriesParts } from '@backtide/store/derived/series-parts'
import { daysOf, isFresh, type DayStanding } from '@backtide/store/derived/standing'
import type { Fence } from '@backtide/store/fence'
import type { Store } from '@backtide/store/store'
import { BadSourceError } from '../objects/errors.ts'
import { settleDerivedPicks } from './derived-picks.ts'

/** What a refresh works with. */
export interface RefreshContext {
  readonly store: Store
  readonly registry: Registry
  /** UTC milliseconds. */
  readonly now: () => number
  readonly signal: AbortSignal
  readonly fence: Fence
  /** Told which day is made. */
  readonly report: (progress: { readonly day: string }) => void
}

/** So long an activity makes days before it hands the rest back: that is how far a crash sets it back. */
const TURN_MS = 60_000

/** A day whose base changes while it is made is made again so often; then whoever changed it asks again. */
const ATTEMPTS = 3

/**
 * Makes the days of something derived that are stale: those of the range, or all, and of the days next to it
 * those that were made before. A day is on record as made only when its base was the same before and after.
 */
export async function refreshDerived(
  context: RefreshContext,
  { name, ...request }: RefreshInput,
): Promise<RefreshResult> {
  const { store, registry, now, signal } = context
  const derived = findDerived(name)
  if (!derived) throw new BadSourceError(name, 'this worker does not derive it; update it')
  const bases = derived.bases.flatMap((id) => registry.find(id) ?? [])
  await store.ensureTables([])
  if (request.rebuild) await forget(context, derived, request)
  await store.ensureTables([derived.table, ...bases.map(({ table }) => table)])
  const { range } = request
  const near = range && { from: range.from - DAY_MS, to: range.to + DAY_MS }
  const days = (await daysOf(store.db, derived, near, signal)).filter(
    (day) => !isFresh(day) && isWanted(day, range),
  )
  const started = now()
  let made = 0
  for (const { day } of days) {
    if (now() - started > TURN_MS) return { days: made, left: rest(day, range, days) }
    if (await refreshDay(context, derived, bases.map(baseOf), day)) made += 1
  }
  return { days: made }
}

/** Days next to the range may be loading themselves: they are looked at where they were made already. */
function isWanted({ day, made }: DayStanding, range: Range | undefined): boolean {
  return !range || (day >= range.from && day < range.to) || made !== undefined
}

function rest(
  from: number,
  range: Range | undefined,
  days: readonly DayStanding[],
): RefreshRequest {
  const to = range?.to ?? (days.at(-1)?.day ?? from) + DAY_MS
  return { range: { from, to: Math.max(from, to) } }
}

/** What was made of a range is no longer on record; the table goes where nobody else writes to it. */
async function forget(
  { store, signal, fence }: RefreshContext,
  { name, table, shared }: Derived,
  { range }: RefreshRequest,
): Promise<void> {
  const days = await madeDays(store.db, name, range, signal)
  // A table of that name of which nothing was made is not Backtide's.
  const isDropped = !range && !shared && days.length > 0
  const forgotten = days.map((day) => ({ ...day, base: '', ...(isDropped && { rows: 0 }) }))
  await putMadeDays(store.db, forgotten, { fence, signal })
  if (isDropped) await dropDerived(store.db, table, fence)
}

async function refreshDay(
  context: RefreshContext,
  derived: Derived,
  bases: readonly DerivedBase[],
  from: number,
): Promise<boolean> {
  const { store, signal, fence, now, report } = context
  const { db } = store
  const day = { from, to: from + DAY_MS }
  const span = derived.spanOf?.(day) ?? day
  report({ day: dayKey(from) })
  for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
    const epoch = await store.epoch()
    const known = new Map((await daysOf(db, derived, span, signal)).map((one) => [one.day, one]))
    const standing = known.get(from)
    if (!standing || isFresh(standing)) return false
    const parts = new Map<string, Awaited<ReturnType<typeof seriesParts>>>()
    for (const base of bases) parts.set(base.id, await seriesParts(db, base, span, signal))
    const isMade = (other: number) => {
      const one = known.get(other)
      return one !== undefined && isFresh(one)
    }
    const steps = derived.stepsOf({ day, bases: parts, isMade })
    const anew = { derived, parts, range: span }
    await settleDerivedPicks(context, anew, derived.origin)
    const rows = await makeDay({ db, fence, signal }, derived.table, steps)
    await settleDerivedPicks(context, anew)
    const [after] = await daysOf(db, derived, day, signal)
    if (after?.base !== standing.base || (await store.epoch()) !== epoch) continue
    const { name } = derived
    const made = { day: from, name, base: standing.base ?? '', rows, madeAt: now(), epoch }
    await putMadeDays(db, [made], { fence, signal })
    return true
  }
  return false
}

function baseOf({ id, granularity, symbols, reachMs, source }: Dataset): DerivedBase {
  return {
    id,
    partitionMs: partitionLength(granularity),
    spills: reachMs > 0,
    isWhole: symbols === 'all',
    objectsAt: (start) => source.objects(start, '*').length,
  }
}
