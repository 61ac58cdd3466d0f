import {
  choosePicks,
  isContested,
  pickChanges,
  type OriginCoverage,
  type OriginPick,
} from '@backtide/core/picks'
import { DAY_MS, HOUR_MS } from '@backtide/core/range'
import { OBJECT_STATES, type ObjectState } from '@backtide/core/state'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

const DAY = Date.UTC(2025, 0, 1)
const PRIORITY = ['archive', 'rest', 'trades']
const RANGE = { from: DAY, to: DAY + 2 * DAY_MS }

const at = (hour: number) => DAY + hour * HOUR_MS

function origin(name: string, options: Partial<OriginCoverage> = {}): OriginCoverage {
  return { origin: name, partitions: [], reachMs: 0, rows: [], ...options }
}

function hours(from: number, to: number, state: ObjectState = 'complete') {
  return { from: at(from), to: at(to), state }
}

describe('the origin that readers see', () => {
  it('is the most trusted where its partition is complete, and the next one elsewhere', () => {
    const coverage = [
      origin('rest', { partitions: [hours(0, 24)] }),
      origin('archive', { partitions: [hours(5, 6), hours(6, 7, 'missing')] }),
    ]
    expect(choosePicks(coverage, PRIORITY, RANGE)).toEqual([
      { origin: 'rest', from: at(0), to: at(5) },
      { origin: 'archive', from: at(5), to: at(6) },
      { origin: 'rest', from: at(6), to: at(24) },
    ])
  })

  it('is not contested where only one is known of', () => {
    const alone = origin('rest', { partitions: [hours(0, 24)] })
    const other = origin('archive', { partitions: [hours(24, 48)] })
    expect(isContested([alone, other], { from: at(0), to: at(24) })).toBe(false)
    expect(isContested([alone, other], RANGE)).toBe(true)
  })

  it('is the empty one where that is complete: it says that there was nothing', () => {
    const coverage = [
      origin('archive', { partitions: [hours(0, 24, 'complete_empty')] }),
      origin('rest', { rows: [hours(3, 4)] }),
    ]
    expect(choosePicks(coverage, PRIORITY, RANGE).map((one) => one.origin)).toEqual(['archive'])
  })

  it('leaves to another, at its edge, what may have strayed to a partition that is not there', () => {
    const reachMs = 60_000
    const coverage = [
      origin('archive', { partitions: [hours(0, 5), hours(5, 6, 'not_listed')], reachMs }),
      origin('rest', { partitions: [hours(-24, 48)] }),
    ]
    expect(choosePicks(coverage, PRIORITY, RANGE)).toEqual([
      { origin: 'rest', from: at(0), to: at(0) + reachMs },
      { origin: 'archive', from: at(0) + reachMs, to: at(5) },
      { origin: 'rest', from: at(5), to: at(48) },
    ])
  })

  it('is a degraded one only where nobody has better, and whatever has rows where nobody is known', () => {
    const coverage = [
      origin('archive', { partitions: [hours(0, 3, 'degraded'), hours(3, 4, 'unverified')] }),
      origin('rest', { partitions: [hours(1, 2)] }),
      origin('trades', { rows: [hours(0, 5)] }),
    ]
    expect(choosePicks(coverage, PRIORITY, RANGE)).toEqual([
      { origin: 'archive', from: at(0), to: at(1) },
      { origin: 'rest', from: at(1), to: at(2) },
      { origin: 'archive', from: at(2), to: at(3) },
      { origin: 'trades', from: at(3), to: at(5) },
    ])
  })
})

describe('any coverage', () => {
  const partitions = fc.oneof(
    fc.array(fc.constantFrom(undefined, ...OBJECT_STATES), { minLength: 48, maxLength: 48 }),
    fc
      .array(fc.constantFrom(undefined, ...OBJECT_STATES), { minLength: 2, maxLength: 2 })
      .map((days) => days.flatMap((state) => Array<typeof state>(24).fill(state))),
  )
  const covered = fc.record({
    states: partitions,
    daily: fc.boolean(),
    reach: fc.constantFrom(0, 2, 65),
    rows: fc.array(fc.boolean(), { minLength: 48, maxLength: 48 }),
  })
  const world = fc.record({ archive: covered, rest: covered, trades: covered })

  it('gives every minute the origin that a reading minute by minute gives', () => {
    fc.assert(
      fc.property(world, (drawn) => {
        const coverage = Object.entries(drawn).map(([name, one]) => coverageOf(name, one))
        const picks = choosePicks(coverage, PRIORITY, RANGE)
        for (const [minute, best] of slowly(drawn).entries()) {
          const time = DAY + minute * 60_000
          const found = picks.filter(({ from, to }) => from <= time && time < to)
          expect(found.map((one) => one.origin)).toEqual(best === undefined ? [] : [best])
        }
      }),
      { numRuns: 25 },
    )
  })

  it('is stored so that readers see what is wanted, whatever was stored before', () => {
    fc.assert(
      fc.property(fc.array(world, { minLength: 1, maxLength: 5 }), (worlds) => {
        const stored = new Map<number, OriginPick>()
        for (const drawn of worlds) {
          const coverage = Object.entries(drawn).map(([name, one]) => coverageOf(name, one))
          const wanted = choosePicks(coverage, PRIORITY, RANGE)
          for (const pick of pickChanges([...stored.values()], wanted)) stored.set(pick.from, pick)
          expect(pickChanges([...stored.values()], wanted)).toEqual([])
          for (let time = RANGE.from; time < RANGE.to; time += 300_000) {
            const run = wanted.find(({ from, to }) => from <= time && time < to)
            expect(seen([...stored.values()], time)).toBe(run?.origin)
          }
        }
      }),
      { numRuns: 20 },
    )
  })
})

interface Drawn {
  readonly states: readonly (ObjectState | undefined)[]
  readonly reach: number
  readonly rows: readonly boolean[]
}

function coverageOf(name: string, { states, reach, rows }: Drawn): OriginCoverage {
  return origin(name, {
    reachMs: reach * 60_000,
    partitions: states.flatMap((state, hour) => (state ? [hours(hour, hour + 1, state)] : [])),
    rows: rows.flatMap((has, hour) => (has ? [{ from: at(hour), to: at(hour + 1) }] : [])),
  })
}

/** What readers see, as the view reads it: the last pick that began, unless it is over. */
function seen(stored: readonly OriginPick[], time: number): string | undefined {
  const last = stored
    .filter(({ from }) => from <= time)
    .toSorted((a, b) => a.from - b.from)
    .at(-1)
  return last && time < last.to ? last.origin : undefined
}

/** The obvious reading: what each origin is worth in each minute, one by one. */
function slowly(drawn: Readonly<Record<string, Drawn>>): readonly (string | undefined)[] {
  const worths = new Map(PRIORITY.map((name) => [name, worthOf(drawn[name])]))
  return Array.from({ length: 48 * 60 }, (_, minute) => {
    const best = Math.max(...PRIORITY.map((name) => worths.get(name)?.[minute] ?? 0))
    if (best === 0) return undefined
    return PRIORITY.find((name) => worths.get(name)?.[minute] === best)
  })
}

function worthOf(drawn: Drawn | undefined): readonly number[] {
  if (!drawn) return []
  const { states, reach, rows } = drawn
  const settled = (minute: number) => {
    const state = states[Math.floor(minute / 60)]
    return state === 'complete' || state === 'complete_empty' || state === 'not_listed'
  }
  return Array.from({ length: 48 * 60 }, (_, minute) => {
    const state = states[Math.floor(minute / 60)]
    if (state === 'complete' || state === 'complete_empty') {
      for (let other = minute - reach; other <= minute + reach; other++) {
        if (!settled(other)) return 3
      }
      return 4
    }
    if (state === 'degraded') return 2
    return rows[Math.floor(minute / 60)] ? 1 : 0
  })
}
