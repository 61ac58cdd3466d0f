import {
  ActivityFailure,
  condition,
  isCancellation,
  setCurrentDetails,
  setHandler,
} from '@temporalio/workflow'
import type { DayInput, DayOutcome } from '@backtide/core/backfill'
import { FAILURE } from '@backtide/core/failure'
import type { Range } from '@backtide/core/range'
import { addCounts } from '@backtide/core/state'
import type { StateCounts } from '@backtide/core/state'
import { proxyControl, proxyLoads } from './activity-proxies.ts'
import { dayDetails } from './day-details.ts'
import { failureTypeOf, isOwnCancellation, reasonOf, toWorkflowFailure } from './failures.ts'
import { pauseSignal, resumeSignal } from './messages.ts'
import { splitDay, splitLoad } from './split-day.ts'
import { summariseLoad } from './summaries.ts'

/**
 * Loads one UTC day of a table, its partitions one after the other: the workflow's id makes it the
 * only writer of that day. A partition that cannot be loaded is recorded as failed and passed over.
 * Throws an `ApplicationFailure` with the `DayOutcome` so far as its detail where no partition could
 * fare better: `AccessDenied`, `BadRequest`.
 */
export async function loadDay(input: DayInput): Promise<DayOutcome> {
  const day = openDay(input)
  setHandler(pauseSignal, () => void (day.paused = true), { description: 'Start no new load.' })
  setHandler(resumeSignal, () => void (day.paused = false), { description: 'Go on loading.' })
  try {
    for (let load = day.queue.shift(); load; load = day.queue.shift()) {
      show(day, load)
      await condition(() => !day.paused)
      await loadOrGiveUp(day, load)
    }
    show(day)
    return day.outcome
  } catch (error) {
    if (isOwnCancellation(error)) throw error
    throw toWorkflowFailure(error, { reason: reasonOf(error), ...day.outcome })
  }
}

interface DayState {
  readonly input: DayInput
  readonly control: ReturnType<typeof proxyControl>
  readonly loads: ReturnType<typeof proxyLoads>
  /** Loads that are still to be done, ascending. */
  readonly queue: Range[]
  outcome: DayOutcome
  paused: boolean
}

function openDay(input: DayInput): DayState {
  return {
    input,
    control: proxyControl(input.tempo),
    loads: proxyLoads(input.tempo, input.loadQueue),
    queue: [...splitDay(input)],
    outcome: { counts: {}, rows: 0 },
    paused: input.paused,
  }
}

async function loadOrGiveUp(day: DayState, load: Range): Promise<void> {
  try {
    await loadOnce(day, load)
  } catch (error) {
    if (isCancellation(error) || !(error instanceof ActivityFailure)) throw error
    if (isHopeless(error)) {
      await recordFailure(day, { from: load.from, to: day.input.day.to }, error)
      throw error
    }
    const parts = splitLoad(load, day.input.granularity)
    // Only the poisoned partition is to fail, not those that shared a load with it.
    if (parts.length > 1) day.queue.unshift(...parts)
    else await recordFailure(day, load, error)
  }
}

async function loadOnce(day: DayState, load: Range): Promise<void> {
  const { backfillId, dataset, symbols, reprocess, forbiddenMeans, granularity } = day.input
  const summary = summariseLoad(load, granularity, symbols)
  const { counts, rows } = await day.loads.loadPartitions.executeWithOptions({ summary }, [
    { backfillId, dataset, symbols, partitions: load, reprocess, forbiddenMeans },
  ])
  tally(day, counts, rows)
}

async function recordFailure(day: DayState, partitions: Range, error: unknown): Promise<void> {
  const { backfillId, dataset, symbols, reprocess } = day.input
  const reason = reasonOf(error)
  const failure = { backfillId, dataset, symbols, partitions, reprocess, reason }
  const { counts } = await day.control.recordFailure(failure)
  tally(day, counts, 0)
  day.outcome = { reason, ...day.outcome }
}

function tally(day: DayState, counts: StateCounts, rows: number): void {
  day.outcome = {
    ...day.outcome,
    counts: addCounts(day.outcome.counts, counts),
    rows: day.outcome.rows + rows,
  }
}

/** Failures that every other partition of the day would share. */
function isHopeless(error: unknown): boolean {
  const type = failureTypeOf(error)
  return type === FAILURE.accessDenied || type === FAILURE.badRequest
}

function show(day: DayState, current?: Range): void {
  setCurrentDetails(dayDetails({ ...day, current }))
}
