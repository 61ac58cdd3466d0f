import type { DaySpan, PlanResult } from '@backtide/core/backfill'
import { dayAt, dayKey } from '@backtide/core/partition'
import type { Order } from '@backtide/core/partition'
import type { Range } from '@backtide/core/range'

/** A day that has something to load. */
export interface AheadDay {
  /** Its index in the backfill, see `dayAt`. */
  readonly index: number
  readonly day: Range
}

/** The first days of a span that share a UTC month, in the order of the backfill. */
export function monthFrom(range: Range, order: Order, { from, to }: DaySpan): readonly Range[] {
  const days = [dayAt(range, order, from)]
  const month = monthOf(days[0])
  for (let next = from + 1; next < to; next += 1) {
    const day = dayAt(range, order, next)
    if (monthOf(day) !== month) break
    days.push(day)
  }
  return days
}

/** The smallest range that holds some days. */
export function hullOf(days: readonly Range[]): Range {
  return {
    from: Math.min(...days.map((day) => day.from)),
    to: Math.max(...days.map((day) => day.to)),
  }
}

/** Those of some days, the first of them at `index`, that a plan says have something to load. */
export function daysAhead(
  days: readonly Range[],
  index: number,
  plan: PlanResult,
): readonly AheadDay[] {
  const planned = new Set(plan.days.map(({ from }) => dayKey(from)))
  return days
    .map((day, offset) => ({ index: index + offset, day }))
    .filter(({ day }) => planned.has(dayKey(day.from)))
}

function monthOf(day: Range | undefined): string {
  return day ? dayKey(day.from).slice(0, 7) : ''
}
