import type { DayInput, DayOutcome } from '@backtide/core/backfill'
import { dayKey } from '@backtide/core/partition'
import type { Range } from '@backtide/core/range'
import { markdownCounts, markdownTable } from './markdown.ts'
import { summariseLoad } from './summaries.ts'

interface DayView {
  readonly input: DayInput
  readonly queue: readonly Range[]
  readonly outcome: DayOutcome
  readonly paused: boolean
  readonly current: Range | undefined
}

/** Progress of a day as Markdown for the Web UI. */
export function dayDetails({ input, queue, outcome, paused, current }: DayView): string {
  const now = current && summariseLoad(current, input.granularity, input.symbols)
  return markdownTable(`${input.dataset} ${dayKey(input.day.from)}`, [
    ['Backfill', input.backfillId],
    ['Now', now === undefined ? 'done' : `${now}${paused ? ' (paused)' : ''}`],
    ['Loads to go', String(queue.length)],
    ['Objects', markdownCounts(outcome.counts)],
    ['Rows', String(outcome.rows)],
    ...(outcome.reason === undefined ? [] : [['First failure', outcome.reason] as const]),
  ])
}
