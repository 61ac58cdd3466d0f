import type { PlanResult } from '@backtide/core/backfill'
import { countDays, dayAt, dayKey } from '@backtide/core/partition'
import type { Order } from '@backtide/core/partition'
import type { Range } from '@backtide/core/range'

/** A day that has something to load. */
export interface AheadDay {
  /** Its index in the backfill, see `dayAt`. */
  readonly index: number
  readonly day: Range
  readonly hasRows: boolean
}

/** The days from an index on that share a UTC month with it, in the order of the backfill. */
export function monthFrom(range: Range, order: Order, index: number): readonly Range[] {
  const days = [dayAt(range, order, index)]
  const month = monthOf(days[0])
  for (let next = index + 1; next < countDays(range); next += 1) {
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
  const planned = new Map(plan.days.map(({ day, hasRows }) => [dayKey(day.from), hasRows]))
  return days.flatMap((day, offset) => {
    const hasRows = planned.get(dayKey(day.from))
    return hasRows === undefined ? [] : [{ index: index + offset, day, hasRows }]
  })
}

function monthOf(day: Range | undefined): string {
  return day ? dayKey(day.from).slice(0, 7) : ''
}
