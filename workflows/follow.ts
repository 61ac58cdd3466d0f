import {
  isCancellation,
  log,
  ParentClosePolicy,
  setCurrentDetails,
  startChild,
  executeChild,
} from '@temporalio/workflow'
import type { ChildWorkflowOptions } from '@temporalio/workflow'
import { WorkflowExecutionAlreadyStartedError } from '@temporalio/common'
import type { BackfillInput } from '@backtide/core/backfill'
import type { FollowInput, TurnEnd, TurnPart, TurnResult } from '@backtide/core/follow'
import { gapsWorkflowId } from '@backtide/core/ids'
import { formatInstant } from '@backtide/core/range'
import { proxyTurns } from './activity-proxies.ts'
import { backfill } from './backfill/workflow.ts'
import { reasonOf } from './failures.ts'
import { BACKFILL_ATTRIBUTE, DATASET_ATTRIBUTE, PHASE_ATTRIBUTE } from './search-attributes.ts'
import { markdownTable } from './web-ui.ts'

/**
 * One turn of what is followed; a schedule starts it. It loads what is due, part by part, each a backfill of
 * its own; what is older is left to a workflow beside it, so that the newest never waits for years of gaps.
 * With nothing to do it ends, and leaves nothing behind but itself. A backfill that fails fails no turn.
 */
export async function follow(input: FollowInput): Promise<TurnResult> {
  const { parts } = await proxyTurns(input.tempo).planTurn({
    follow: input,
    createdAt: Date.now(),
  })
  const done: TurnEnd[] = []
  for (const part of parts) {
    show(done, part)
    done.push(part.why === 'gaps' ? await startGaps(input, part) : await load(part))
  }
  show(done)
  return { parts: done }
}

/** Fills the gaps of what is followed; its id says whose, so that there is one at a time. */
export async function followGaps(part: TurnPart): Promise<TurnEnd> {
  return await load(part)
}

async function load(part: TurnPart): Promise<TurnEnd> {
  const { why, backfill: input } = part
  const { backfillId } = input
  try {
    const { outcome, reason } = await executeChild(backfill, {
      ...childOptions(input),
      args: [input],
    })
    return { why, backfillId, outcome, ...(reason && { reason }) }
  } catch (error) {
    if (isCancellation(error)) throw error
    log.warn('a backfill of a turn failed', { backfillId, reason: reasonOf(error) })
    return { why, backfillId, outcome: 'failed', reason: reasonOf(error) }
  }
}

async function startGaps({ followId }: FollowInput, part: TurnPart): Promise<TurnEnd> {
  const { why, backfill: input } = part
  try {
    await startChild(followGaps, {
      workflowId: gapsWorkflowId(followId),
      parentClosePolicy: ParentClosePolicy.ABANDON,
      staticSummary: summarise(part),
      args: [part],
    })
    return { why, backfillId: input.backfillId, outcome: 'started' }
  } catch (error) {
    if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error
    return { why, backfillId: gapsWorkflowId(followId), outcome: 'running' }
  }
}

/** As the API starts one, so that lists and status know it. */
function childOptions(input: BackfillInput): Omit<ChildWorkflowOptions, 'args' | 'typeInfo'> {
  const { backfillId, dataset, createdAt, requestHash, indexed, priority } = input
  const { symbols, range, order, reprocess, onFailure, concurrency } = input
  const request = { dataset, symbols, range, order, reprocess, onFailure, concurrency, priority }
  return {
    workflowId: backfillId,
    workflowIdReusePolicy: 'REJECT_DUPLICATE',
    parentClosePolicy: ParentClosePolicy.REQUEST_CANCEL,
    memo: { requestHash, createdAt, request },
    ...(priority !== undefined && { priority: { priorityKey: priority } }),
    ...(indexed && {
      typedSearchAttributes: [
        { key: BACKFILL_ATTRIBUTE, value: backfillId },
        { key: DATASET_ATTRIBUTE, value: dataset },
        { key: PHASE_ATTRIBUTE, value: 'starting' },
      ],
    }),
  }
}

function summarise({ why, backfill: { dataset, range } }: TurnPart): string {
  return `${dataset} · ${why} · ${formatInstant(range.from)} → ${formatInstant(range.to)}`
}

/** Shows in the Web UI what the turn does and has done. */
function show(done: readonly TurnEnd[], now?: TurnPart): void {
  const rows = done.map(
    ({ why, backfillId, outcome }) => [why, `${outcome}: ${backfillId}`] as const,
  )
  const nothing = done.length === 0 && !now
  setCurrentDetails(
    markdownTable(nothing ? 'Nothing was due' : 'What was due', [
      ...rows,
      ...(now ? [[now.why, `loading: ${now.backfill.backfillId}`] as const] : []),
    ]),
  )
}
