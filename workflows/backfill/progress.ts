import {
  condition,
  setCurrentDetails,
  upsertSearchAttributes,
  workflowInfo,
} from '@temporalio/workflow'
import type { BackfillProgress } from '@backtide/core/backfill'
import { countDays } from '@backtide/core/partition'
import { formatInstant } from '@backtide/core/range'
import {
  BACKFILL_ATTRIBUTE,
  DATASET_ATTRIBUTE,
  FAILED_ATTRIBUTE,
  OUTCOME_ATTRIBUTE,
  PHASE_ATTRIBUTE,
} from '../search-attributes.ts'
import { groupDigits, markdownCounts, markdownTable } from '../web-ui.ts'
import { countTaken } from './days.ts'
import { optionsOf } from './options.ts'
import type { BackfillEnding, BackfillState } from './state.ts'

/** Answer to the `progress` query. */
export function progressOf(state: BackfillState): BackfillProgress {
  const { paused, pausedSince, pausedMs = 0, daysDone, daysFailed } = state.carried
  const { counts, rows, concurrency, maxCostUsd } = state.carried
  return {
    phase: phaseOf(state),
    ...(paused && { paused }),
    ...(pausedSince !== undefined && { pausedSince }),
    pausedMs,
    days: {
      total: countDays(state.request.range),
      ...countTaken(state),
      done: daysDone,
      failed: daysFailed,
    },
    inFlight: [...state.inFlight.keys()],
    counts,
    rows,
    concurrency,
    options: optionsOf(state),
    ...(maxCostUsd !== undefined && { maxCostUsd }),
    warnings: state.carried.warnings ?? [],
  }
}

/**
 * Shows in the Web UI where the backfill stands, a table and what lists are filtered by, whenever
 * that has changed. Never ends.
 */
export async function keepShown(state: BackfillState): Promise<never> {
  for (;;) {
    await condition(() => state.changed)
    state.changed = false
    showProgress(state)
  }
}

/** Shows how the backfill ended; where nothing was indexed of ends when it began, nothing is. */
export function showEnd(state: BackfillState, ending: BackfillEnding): void {
  if (!state.request.outcomes) return
  state.ended = ending
  state.changed = false
  showProgress(state)
}

function showProgress(state: BackfillState): void {
  const progress = progressOf(state)
  setCurrentDetails(backfillDetails(state, progress))
  if (state.request.indexed) indexProgress(state, progress)
}

function phaseOf(state: BackfillState): BackfillProgress['phase'] {
  if (state.ended) return 'done'
  if (state.finishing) return 'finishing'
  if (state.cancelled || state.fault !== undefined) return 'draining'
  if (state.carried.paused) return 'paused'
  if (!state.begun) return 'starting'
  return workflowInfo().continueAsNewSuggested ? 'draining' : 'running'
}

/** An upsert is an event in the history, so only what changed is written. */
function indexProgress({ request, ended }: BackfillState, { phase, days }: BackfillProgress): void {
  const known = workflowInfo().typedSearchAttributes
  const same = known.get(PHASE_ATTRIBUTE) === phase && known.get(FAILED_ATTRIBUTE) === days.failed
  if (same) return
  upsertSearchAttributes([
    { key: BACKFILL_ATTRIBUTE, value: request.backfillId },
    { key: DATASET_ATTRIBUTE, value: request.dataset },
    { key: PHASE_ATTRIBUTE, value: phase },
    { key: FAILED_ATTRIBUTE, value: days.failed },
    ...(ended ? [{ key: OUTCOME_ATTRIBUTE, value: ended }] : []),
  ])
}

function backfillDetails({ request, ended }: BackfillState, progress: BackfillProgress): string {
  const { from, to } = request.range
  const { days, inFlight, paused, warnings = [] } = progress
  return markdownTable(`${request.dataset} ${formatInstant(from)} – ${formatInstant(to)}`, [
    ...(ended ? [['Outcome', ended] as const] : []),
    ['Phase', paused?.reason ? `${progress.phase}: ${paused.reason}` : progress.phase],
    ['Days done', `${days.done} of ${days.total}`],
    ['Days failed', String(days.failed)],
    ['Days deferred', String(days.deferred)],
    ['In flight', `${inFlight.join(', ') || 'none'} (at most ${progress.concurrency})`],
    ['Objects', markdownCounts(progress.counts)],
    ['Rows', groupDigits(progress.rows)],
    ...warnings.map((warning) => ['Warning', warning] as const),
  ])
}
