import type { Derived, DerivedStanding } from '@backtide/core/derived'
import type { Range } from '@backtide/core/range'
import type { QuestDb } from '../questdb.ts'
import { baseDays, type BaseDay } from './base-days.ts'
import { madeDays, type MadeDay } from './derived-days.ts'

/** What is asked about something derived. */
export type DerivedNamed = Pick<Derived, 'name' | 'bases'>

/** A day of something derived: what its base is now, and what it was made of. */
export interface DayStanding {
  readonly day: number
  /** What it would be made of; undefined when its base has nothing of it. */
  readonly base: string | undefined
  readonly made: MadeDay | undefined
}

/** How days stand, of a range of whole days or of all, ascending. */
export async function daysOf(
  db: QuestDb,
  { name, bases }: DerivedNamed,
  range?: Range,
  signal?: AbortSignal,
): Promise<readonly DayStanding[]> {
  const found = await baseDays(db, bases, range, signal)
  const made = await madeDays(db, name, range, signal)
  return standingOf(bases, found, made)
}

/** The same of many at once. */
export async function derivedStandings(
  db: QuestDb,
  asked: readonly DerivedNamed[],
): Promise<readonly DerivedStanding[]> {
  const found = await baseDays(db, [...new Set(asked.flatMap(({ bases }) => bases))])
  const standings: DerivedStanding[] = []
  for (const { name, bases } of asked) {
    standings.push(sortDays(standingOf(bases, found, await madeDays(db, name))))
  }
  return standings
}

/** Whether a day is made of what its base is now. */
export function isFresh({ base = '', made }: DayStanding): boolean {
  return made !== undefined && made.base === base && (base !== '' || made.rows === 0)
}

function standingOf(
  bases: readonly string[],
  found: readonly BaseDay[],
  made: readonly MadeDay[],
): readonly DayStanding[] {
  const prints = new Map(found.map(({ dataset, day, print }) => [`${dataset} ${day}`, print]))
  const own = found.filter(({ dataset, isOwn }) => isOwn && bases.includes(dataset))
  const madeOn = new Map(made.map((one) => [one.day, one]))
  const days = [...new Set([...own.map(({ day }) => day), ...madeOn.keys()])].toSorted(byNumber)
  const owned = new Set(own.map(({ day }) => day))
  return days.map((day) => {
    const print = bases.map((base) => `${base}=${prints.get(`${base} ${day}`) ?? ''}`).join(' ')
    return { day, base: owned.has(day) ? print : undefined, made: madeOn.get(day) }
  })
}

function sortDays(days: readonly DayStanding[]): DerivedStanding {
  const of = (some: readonly DayStanding[]) => some.map(({ day }) => day)
  const known = days.filter(({ base, made }) => base !== undefined || (made?.rows ?? 0) > 0)
  const last = Math.max(...days.map(({ made }) => made?.madeAt ?? 0))
  return {
    made: of(known.filter(isFresh)),
    stale: of(known.filter((day) => day.made && !isFresh(day))),
    missing: of(known.filter(({ made }) => !made)),
    ...(last > 0 && { madeAt: last }),
  }
}

function byNumber(a: number, b: number): number {
  return a - b
}
