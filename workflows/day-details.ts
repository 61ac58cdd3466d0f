import { setCurrentDetails } from '@temporalio/workflow'
import type { DayInput, DayOutcome } from '@backtide/core/backfill'
import { dayKey } from '@backtide/core/partition'
import { formatInstant } from '@backtide/core/range'
import { markdownCounts, markdownTable } from './markdown.ts'

interface DayView {
  readonly input: DayInput
  readonly cursor: number
  readonly outcome: DayOutcome
}

/** Shows in the Web UI where a day stands. */
export function showDay({ input, cursor, outcome }: DayView): void {
  const { day } = input
  const table = markdownTable(`${input.dataset} ${dayKey(day.from)}`, [
    ['Backfill', input.backfillId],
    ['Loaded until', cursor < day.to ? formatInstant(cursor) : 'its end'],
    ...(outcome.left ? [['Paused', 'the rest is loaded on resume'] as const] : []),
    ['Objects', markdownCounts(outcome.counts)],
    ['Rows', String(outcome.rows)],
    ...(outcome.reason === undefined ? [] : [['First failure', outcome.reason] as const]),
  ])
  setCurrentDetails(table)
}
