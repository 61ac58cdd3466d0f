import {
  ActivityFailure,
  ApplicationFailure,
  isCancellation,
  setCurrentDetails,
  setHandler,
} from '@temporalio/workflow'
import { workOf } from '@backtide/core/backfill'
import type { DayInput, DayOutcome, Loaded } from '@backtide/core/backfill'
import type { Stop } from '@backtide/core/budget'
import { FAILURE, isRefusal } from '@backtide/core/failure'
import { dayKey, partitionLength } from '@backtide/core/partition'
import { DAY_MS, formatInstant } from '@backtide/core/range'
import { addDifference } from '@backtide/core/plan'
import type { Range } from '@backtide/core/range'
import { addCounts } from '@backtide/core/state'
import { proxyLoads, proxyNotes, proxyRecords } from './activity-proxies.ts'
import { failureTypeOf, isOwnCancellation, reasonOf, toWorkflowFailure } from './failures.ts'
import { pauseSignal, resumeSignal } from './messages.ts'
import { groupDigits, markdownCounts, markdownTable, summariseLoad } from './web-ui.ts'

/**
 * Loads what is left of one UTC day of a table, load after load: the workflow's id makes it the only
 * writer of that day. Paused, it ends after the load in flight and says what is `left`. A partition
 * that cannot be loaded is recorded as failed and passed over. Throws an `ApplicationFailure` with
 * the `DayOutcome` so far as its detail where no partition could fare better, the rest of the day
 * then recorded as failed: `AccessDenied`, `BadRequest`.
 */
export async function loadDay(input: DayInput): Promise<DayOutcome> {
  const day = openDay(input)
  setHandler(pauseSignal, () => void (day.paused = true), {
    description: 'End after the load in flight and hand the rest back.',
  })
  setHandler(resumeSignal, () => void (day.paused = false), { description: 'Go on loading.' })
  try {
    if (input.giveUp === undefined) {
      await loadUntilPaused(day)
      await noteDerived(day)
    } else await recordFailure(day, input.day, input.giveUp)
    showDay(day)
    return day.outcome
  } catch (error) {
    if (isOwnCancellation(error)) throw error
    throw toWorkflowFailure(error, { reason: reasonOf(error), ...day.outcome })
  }
}

interface DayState {
  readonly input: DayInput
  readonly records: ReturnType<typeof proxyRecords>
  readonly loads: ReturnType<typeof proxyLoads>
  /** What is before it is settled, UTC milliseconds. */
  cursor: number
  /** A load of several partitions failed: from there on, each has to fail for itself. */
  singly: boolean
  outcome: DayOutcome
  paused: boolean
}

function openDay(input: DayInput): DayState {
  return {
    input,
    records: proxyRecords(input.tempo),
    loads: proxyLoads(input.tempo, input.loadQueue),
    cursor: input.day.from,
    singly: false,
    outcome: { counts: {}, rows: 0 },
    paused: false,
  }
}

async function loadUntilPaused(day: DayState): Promise<void> {
  const { to } = day.input.day
  while (day.cursor < to && !day.paused) {
    showDay(day)
    await loadOrGiveUp(day, nextOf(day))
  }
  if (day.cursor < to) day.outcome = { ...day.outcome, left: { from: day.cursor, to } }
}

/**
 * Has what is made of the day looked at, by those who make it: they take their time, and neither their
 * failure nor one to reach them is one of the day. What is not made stays stale, which can be seen.
 */
async function noteDerived(day: DayState): Promise<void> {
  const { input, outcome } = day
  const { derived: names = [], tempo } = input
  if (names.length === 0 || outcome.left) return
  const from = Math.floor(input.day.from / DAY_MS) * DAY_MS
  try {
    await proxyNotes(tempo).requestRefresh({ names, range: { from, to: from + DAY_MS }, tempo })
  } catch (error) {
    if (isCancellation(error)) throw error
    day.outcome = {
      ...outcome,
      warnings: [
        `${dayKey(from)}: ${names.join(', ')} not refreshed (${reasonOf(error)}); backtide derived says what is stale`,
      ],
    }
  }
}

/** What the next load may take: all that is left, or the next partition alone. */
function nextOf({ input, cursor, singly }: DayState): Range {
  const { to } = input.day
  return {
    from: cursor,
    to: singly ? Math.min(to, cursor + partitionLength(input.granularity)) : to,
  }
}

async function loadOrGiveUp(day: DayState, partitions: Range): Promise<void> {
  try {
    await loadOnce(day, partitions)
  } catch (error) {
    if (isCancellation(error) || !(error instanceof ActivityFailure)) throw error
    if (isRefusal(failureTypeOf(error))) {
      await recordFailure(day, { ...partitions, to: day.input.day.to }, reasonOf(error))
      throw error
    }
    const alone = partitions.to - partitions.from <= partitionLength(day.input.granularity)
    // Only the poisoned partition is to fail, not those that shared a load with it.
    if (!alone) day.singly = true
    else await recordFailure(day, partitions, reasonOf(error))
  }
}

async function loadOnce(day: DayState, partitions: Range): Promise<void> {
  const { symbols, reprocess, granularity, objectsPerLoad: objects } = day.input
  const { maxCostUsd, planId } = day.input
  const summary = summariseLoad(partitions, granularity, symbols)
  const work = { ...workOf(day.input), partitions, objects, reprocess }
  const load = {
    ...work,
    ...(maxCostUsd !== undefined && { maxCostUsd }),
    ...(planId !== undefined && { planId }),
  }
  const { until, stopped, differs, ...loaded } = await day.loads.loadPartitions.executeWithOptions(
    { summary },
    [load],
  )
  tally(day, loaded)
  if (differs) {
    day.outcome = { ...day.outcome, differs: addDifference(day.outcome.differs, differs) }
  }
  if (stopped) stop(day, stopped, until)
  else advance(day, partitions, until)
}

/** A budget is spent: the rest is handed back, as in a pause. */
function stop(day: DayState, stopped: Stop, until: number): void {
  day.cursor = until
  day.paused = true
  day.outcome = { ...day.outcome, stopped }
}

async function recordFailure(day: DayState, partitions: Range, reason: string): Promise<void> {
  const failure = { ...workOf(day.input), partitions, reason }
  const { counts } = await day.records.recordFailure(failure)
  tally(day, { counts, rows: 0 })
  day.outcome = { reason, ...day.outcome }
  day.cursor = partitions.to
}

/** A load that gets nowhere would be repeated for ever. */
function advance(day: DayState, { from, to }: Range, until: number): void {
  if (!(until > from && until <= to)) {
    const message = `a load of ${formatInstant(from)} to ${formatInstant(to)} ended at ${until}`
    throw ApplicationFailure.nonRetryable(message, FAILURE.unexpected)
  }
  day.cursor = until
}

function tally(day: DayState, { counts, rows }: Loaded): void {
  day.outcome = {
    ...day.outcome,
    counts: addCounts(day.outcome.counts, counts),
    rows: day.outcome.rows + rows,
  }
}

/** Shows in the Web UI where the day stands. */
function showDay({ input, cursor, outcome }: DayState): void {
  const { day } = input
  const table = markdownTable(`${input.dataset} ${dayKey(day.from)}`, [
    ['Backfill', input.backfillId],
    ['Loaded until', cursor < day.to ? formatInstant(cursor) : 'its end'],
    ...(outcome.left ? [['Paused', 'the rest is loaded on resume'] as const] : []),
    ['Objects', markdownCounts(outcome.counts)],
    ['Rows', groupDigits(outcome.rows)],
    ...(outcome.reason === undefined ? [] : [['First failure', outcome.reason] as const]),
  ])
  setCurrentDetails(table)
}
