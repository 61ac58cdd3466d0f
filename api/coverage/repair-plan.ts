import { MAX_UNCONFIRMED } from '@backtide/core/check-scope'
import { DAY_MS, type Range } from '@backtide/core/range'

/** Some series over a range: what one backfill loads. */
export interface RepairPart {
  readonly symbols: readonly string[]
  readonly range: Range
}

/** A gap of one series. */
export interface RepairGap {
  readonly series: string
  readonly from: number
  readonly to: number
}

/**
 * Few backfills that together hold all the gaps: the gaps of a series in consecutive days are one, and
 * series whose gaps are in the same days go together. So a part may hold more than its gaps, in the days
 * they are in: a backfill of what is repairable passes over the rest.
 */
export function planRepair(
  gaps: readonly RepairGap[],
  partitionLength: number,
): readonly RepairPart[] {
  const together = new Map<string, { symbols: Set<string>; range: Range }>()
  for (const { series, from, to } of gaps.length > 0 ? joinDays(gaps) : []) {
    const key = `${dayOf(from)} ${dayOf(to - 1)}`
    const { symbols, range } = together.get(key) ?? { symbols: new Set(), range: { from, to } }
    together.set(key, {
      symbols: symbols.add(series),
      range: { from: Math.min(range.from, from), to: Math.max(range.to, to) },
    })
  }
  return [...together.values()]
    .map(({ symbols, range }) => ({ symbols: [...symbols].toSorted(), range }))
    .flatMap((part) => cutToSize(part, partitionLength))
    .toSorted((a, b) => a.range.from - b.range.from)
}

/** Gaps of a series in the same or consecutive UTC days as one, from the first's start to the last's end. */
function joinDays(gaps: readonly RepairGap[]): readonly RepairGap[] {
  const sorted = gaps.toSorted((a, b) => compare(a.series, b.series) || a.from - b.from)
  const joined: RepairGap[] = []
  for (const gap of sorted) {
    const last = joined.at(-1)
    const near = last?.series === gap.series && dayOf(gap.from) - dayOf(last.to - 1) <= 1
    if (near) joined[joined.length - 1] = { ...last, to: Math.max(last.to, gap.to) }
    else joined.push(gap)
  }
  return joined
}

/** No more than a backfill has without being confirmed; cut between days. */
function cutToSize({ symbols, range }: RepairPart, partitionLength: number): RepairPart[] {
  const days = Math.max(
    1,
    Math.floor((MAX_UNCONFIRMED * partitionLength) / symbols.length / DAY_MS),
  )
  const first = dayOf(range.from) * DAY_MS
  const cuts = Math.ceil((range.to - first) / (days * DAY_MS))
  return Array.from({ length: cuts }, (_, index) => ({
    symbols,
    range: {
      from: Math.max(range.from, first + index * days * DAY_MS),
      to: Math.min(range.to, first + (index + 1) * days * DAY_MS),
    },
  }))
}

function dayOf(instant: number): number {
  return Math.floor(instant / DAY_MS)
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}
