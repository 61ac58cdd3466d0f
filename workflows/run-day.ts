import { WorkflowExecutionAlreadyStartedError } from '@temporalio/common'
import { CancellationScope, ParentClosePolicy, startChild } from '@temporalio/workflow'
import type { ChildWorkflowOptions } from '@temporalio/workflow'
import type { DayInput, DeferredDay } from '@backtide/core/backfill'
import { dayWorkflowId } from '@backtide/core/ids'
import { dayKey } from '@backtide/core/partition'
import type { BackfillState, RunningDay } from './backfill-state.ts'
import { outcomeOf, reasonOf } from './failures.ts'
import { loadDay } from './load-day.ts'
import { tellDay } from './pause.ts'
import { BACKFILL_ATTRIBUTE, DATASET_ATTRIBUTE, DAY_ATTRIBUTE } from './search-attributes.ts'
import { settleDay, settleHeldDay } from './settle-day.ts'
import type { DayEnd } from './settle-day.ts'
import { showProgress } from './show-progress.ts'
import { summariseDay } from './summaries.ts'

/** Starts the child of a day and settles what becomes of it. Never rejects: see `state.fault`. */
export async function runDay(state: BackfillState, day: DeferredDay): Promise<void> {
  const key = dayKey(day.day.from)
  const running: RunningDay = {
    child: undefined,
    toldPaused: Boolean(state.paused),
    telling: false,
  }
  state.inFlight.set(key, running)
  try {
    const end = await loadInChild(state, day, running)
    if (end === 'held') settleHeldDay(state, day)
    else await settleDay(state, day, end)
  } catch (error) {
    if (!CancellationScope.current().consideredCancelled) state.fault ??= error
  } finally {
    state.inFlight.delete(key)
    showProgress(state)
  }
}

async function loadInChild(
  state: BackfillState,
  day: DeferredDay,
  running: RunningDay,
): Promise<DayEnd | 'held'> {
  try {
    const child = await startChild(loadDay, {
      ...childOptions(state, day),
      args: [dayInput(state, day)],
    })
    running.child = child
    void tellDay(state, running)
    return { outcome: await child.result(), recorded: true }
  } catch (error) {
    if (CancellationScope.current().consideredCancelled) throw error
    if (error instanceof WorkflowExecutionAlreadyStartedError) return 'held'
    const reason = reasonOf(error)
    return { outcome: { counts: {}, rows: 0, reason, ...outcomeOf(error) }, recorded: false }
  }
}

function childOptions(
  state: BackfillState,
  day: DeferredDay,
): Omit<ChildWorkflowOptions, 'args' | 'typeInfo'> {
  const { backfillId, dataset, table, symbols, indexed } = state.request
  return {
    workflowId: dayWorkflowId(table, day.day.from),
    // No `retry`: a cancel that arrives in a child's backoff would be lost.
    parentClosePolicy: ParentClosePolicy.REQUEST_CANCEL,
    staticSummary: summariseDay(dataset, day.day, symbols),
    ...(indexed && {
      typedSearchAttributes: [
        { key: BACKFILL_ATTRIBUTE, value: backfillId },
        { key: DATASET_ATTRIBUTE, value: dataset },
        { key: DAY_ATTRIBUTE, value: new Date(day.day.from) },
      ],
    }),
  }
}

function dayInput(state: BackfillState, day: DeferredDay): DayInput {
  const { request } = state
  return {
    backfillId: request.backfillId,
    dataset: request.dataset,
    table: request.table,
    granularity: request.granularity,
    symbols: request.symbols,
    day: day.day,
    reprocess: request.reprocess,
    wholeDay: day.wholeDay,
    objectsPerLoad: request.objectsPerLoad,
    forbiddenMeans: state.forbiddenMeans ?? 'denied',
    tempo: request.tempo,
    loadQueue: request.loadQueue,
    indexed: request.indexed,
    paused: Boolean(state.paused),
  }
}
