import { WorkflowExecutionAlreadyStartedError } from '@temporalio/common'
import { CancellationScope, ParentClosePolicy, startChild } from '@temporalio/workflow'
import type { ChildWorkflowOptions } from '@temporalio/workflow'
import { workOf } from '@backtide/core/backfill'
import type { DayInput, DayOutcome, DeferredDay } from '@backtide/core/backfill'
import { isRefusal } from '@backtide/core/failure'
import { dayWorkflowId } from '@backtide/core/ids'
import { failureTypeOf, outcomeOf, reasonOf } from '../failures.ts'
import { loadDay } from '../load-day.ts'
import { BACKFILL_ATTRIBUTE, DATASET_ATTRIBUTE, DAY_ATTRIBUTE } from '../search-attributes.ts'
import { summariseDay } from '../web-ui.ts'
import { optionsOf } from './options.ts'
import { tellDay } from './pause.ts'
import { unstarted } from './state.ts'
import type { BackfillState, RunningDay } from './state.ts'

/** What became of a day that was started. */
export interface DayEnd {
  readonly outcome: DayOutcome
  /** It was refused (see `isRefusal`), and the ledger says so. */
  readonly refused: boolean
  /** Its child ended without an outcome, so that the ledger may not know why. */
  readonly lost: boolean
}

/** Loads a day in its child; `held` when another backfill has it. Rejects only when cancelled. */
export async function loadInChild(
  state: BackfillState,
  day: DeferredDay,
  running: RunningDay,
): Promise<DayEnd | 'held'> {
  return await inChild(state, day, running, {})
}

/**
 * Has the ledger say that a day failed, from inside the day's id: nobody else may write there. What
 * another backfill holds is being loaded, so there is nothing to say.
 */
export async function giveUpInChild(
  state: BackfillState,
  day: DeferredDay,
  giveUp: string,
): Promise<DayOutcome> {
  const end = await inChild(state, day, unstarted(), { giveUp })
  return end === 'held' ? { counts: {}, rows: 0, reason: giveUp } : end.outcome
}

async function inChild(
  state: BackfillState,
  day: DeferredDay,
  running: RunningDay,
  more: Pick<DayInput, 'giveUp'>,
): Promise<DayEnd | 'held'> {
  try {
    const child = await startChild(loadDay, {
      ...childOptions(state, day),
      args: [{ ...dayInput(state, day), ...more }],
    })
    running.child = child
    void tellDay(state, running)
    return { outcome: await child.result(), refused: false, lost: false }
  } catch (error) {
    if (CancellationScope.current().consideredCancelled) throw error
    if (error instanceof WorkflowExecutionAlreadyStartedError) return 'held'
    const outcome = { counts: {}, rows: 0, reason: reasonOf(error), ...outcomeOf(error) }
    const refused = isRefusal(failureTypeOf(error))
    return { outcome, refused, lost: !refused }
  }
}

function childOptions(
  state: BackfillState,
  { day }: DeferredDay,
): Omit<ChildWorkflowOptions, 'args' | 'typeInfo'> {
  const { backfillId, dataset, table, symbols, indexed } = state.request
  return {
    workflowId: dayWorkflowId(table, day.from),
    // No `retry`: a cancel that arrives in a child's backoff would be lost.
    parentClosePolicy: ParentClosePolicy.REQUEST_CANCEL,
    staticSummary: summariseDay(dataset, day, symbols),
    // Its loads inherit it.
    priority: { priorityKey: optionsOf(state).priority },
    ...(indexed && {
      typedSearchAttributes: [
        { key: BACKFILL_ATTRIBUTE, value: backfillId },
        { key: DATASET_ATTRIBUTE, value: dataset },
        { key: DAY_ATTRIBUTE, value: new Date(day.from) },
      ],
    }),
  }
}

function dayInput({ request, carried }: BackfillState, { day }: DeferredDay): DayInput {
  const { granularity, reprocess, objectsPerLoad, tempo, loadQueue } = request
  const shared = { granularity, reprocess, objectsPerLoad, tempo, loadQueue }
  const { planId, derived } = request
  const { maxCostUsd } = carried
  return {
    ...workOf(request),
    ...shared,
    ...(derived && { derived }),
    day,
    ...(maxCostUsd !== undefined && { maxCostUsd }),
    ...(planId !== undefined && { planId }),
  }
}
