import { countDays, dayAt, dayKey, partitionKey, partitionsOf } from '@backtide/core/partition'
import { DAY_MS, HOUR_MS, type Range } from '@backtide/core/range'
import type { Scope } from '@backtide/core/request'
import {
  addCounts,
  percentWithoutGap,
  totalCount,
  type ObjectState,
  type StateCounts,
} from '@backtide/core/state'
import { countObjects } from '@backtide/datasets/count-objects'
import type { Dataset } from '@backtide/datasets/dataset'
import type { CoveredPart } from '@backtide/store/ledger/ledger-row'
import type { COVER_BY, CoverageView } from './schemas.ts'

/** What the ledger says of a part of a dataset, to be divided. */
export interface Division {
  readonly scope: Scope
  readonly dataset: Dataset
  readonly covered: readonly CoveredPart[]
  /** States by partition of a day, where they were asked for. */
  readonly states: StatesOfDay | undefined
}

export type StatesOfDay = (day: number) => (ObjectState | null)[]

type Parts = Pick<CoverageView, 'days' | 'hours' | 'series'>

/** Every part of an answer, those of which the ledger knows nothing too. */
export function divide(division: Division, by: (typeof COVER_BY)[number]): Parts {
  return DIVIDED[by](division)
}

const DIVIDED: Readonly<Record<(typeof COVER_BY)[number], (division: Division) => Parts>> = {
  day: (division) => {
    const { scope, dataset, states } = division
    const found = findIn(division)
    const days = daysOf(scope.range).map(({ day, part }) => ({
      day: dayKey(day),
      ...sums(countObjects(dataset, part, scope.symbols), found({ at: day })),
      ...(states && { states: states(day) }),
    }))
    return { days }
  },
  hour: (division) => {
    const { scope, dataset } = division
    const found = findIn(division)
    const hours = partitionsOf(scope.range, 'hour').map((at) => {
      const total = countObjects(dataset, { from: at, to: at + HOUR_MS }, scope.symbols)
      return { hour: partitionKey(at, 'hour'), ...sums(total, found({ at })) }
    })
    return { hours }
  },
  coin: (division) => {
    const { scope, dataset } = division
    const found = findIn(division)
    const total = countObjects(dataset, scope.range, scope.symbols.slice(0, 1))
    const series = scope.symbols.map((one) => ({
      series: one,
      ...sums(total, found({ series: one })),
    }))
    return { series }
  },
  'coin-day': (division) => {
    const { scope, dataset } = division
    const found = findIn(division)
    // There are as many objects of every series.
    const [first = '*'] = scope.symbols
    const totals = daysOf(scope.range).map(({ day, part }) => ({
      day,
      total: countObjects(dataset, part, [first]),
    }))
    const series = scope.symbols.map((one) => {
      const days = totals.map(({ day, total }) => ({
        day: dayKey(day),
        ...sums(total, found({ at: day, series: one })),
      }))
      return { series: one, ...sumOf(days), days }
    })
    return { series }
  },
}

export type Sums = Pick<CoverageView, 'total' | 'counts' | 'unknown' | 'percent' | 'rows'>

/** What so many objects come to, of which the ledger knows some. */
export function sums(total: number, part: Pick<CoveredPart, 'counts' | 'rows'> | undefined): Sums {
  const { counts = {}, rows = 0 } = part ?? {}
  const unknown = Math.max(0, total - totalCount(counts))
  return { total, counts, unknown, percent: percentOf(counts, unknown), rows }
}

function sumOf(parts: readonly Sums[]): Sums {
  const counts = parts.reduce((sum: StateCounts, part) => addCounts(sum, part.counts), {})
  const add = (name: 'total' | 'rows') => parts.reduce((sum, part) => sum + part[name], 0)
  return sums(add('total'), { counts, rows: add('rows') })
}

/** Never rounded up: 99.9999 is not 100. */
function percentOf(counts: StateCounts, unknown: number): number {
  return Math.floor(1000 * percentWithoutGap(counts, unknown)) / 1000
}

function findIn({ covered }: Division) {
  const found = new Map(covered.map((part) => [keyOf(part), part]))
  return (part: Pick<CoveredPart, 'at' | 'series'>) => found.get(keyOf(part))
}

function keyOf({ at, series }: Pick<CoveredPart, 'at' | 'series'>): string {
  return `${at ?? ''} ${series ?? ''}`
}

function daysOf(range: Range): readonly { readonly day: number; readonly part: Range }[] {
  return Array.from({ length: countDays(range) }, (_, index) => {
    const part = dayAt(range, 'oldest-first', index)
    return { day: Math.floor(part.from / DAY_MS) * DAY_MS, part }
  })
}
