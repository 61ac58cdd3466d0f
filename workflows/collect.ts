import { HandlerUnfinishedPolicy } from '@temporalio/common'
import {
  CancellationScope,
  CancelledFailure,
  condition,
  continueAsNew,
  isCancellation,
  setHandler,
  upsertMemo,
  workflowInfo,
} from '@temporalio/workflow'
import type { Remark } from '@backtide/core/backfill'
import type { BrokenOffText, CollectInput, CollectResult, LiveTempo } from '@backtide/core/live'
import { proxyControl, proxyLive } from './activity-proxies.ts'
import { cancelByTemporal } from './cancel-by-temporal.ts'
import { toWorkflowFailure } from './failures.ts'
import { cancelSignal, pauseSignal, readRemark, resumeSignal } from './messages.ts'

/**
 * Has one connection to a venue collected, by one host after another, until it is cancelled. A pause
 * ends collecting; what is missed meanwhile is a hole, and so is what is missed between two hosts.
 */
export async function collect(input: CollectInput): Promise<void> {
  const state: State = { paused: input.paused, brokeOff: input.brokeOff, attempt: undefined }
  handleMessages(state, input.tempo)
  while (!workflowInfo().continueAsNewSuggested) {
    await condition(() => !state.paused)
    const result = await attempt(state, input)
    if (CancellationScope.current().consideredCancelled) throw new CancelledFailure('cancelled')
    if (result?.durable !== undefined) {
      state.brokeOff = { at: result.durable, cause: 'not_collected' }
    }
  }
  const { paused, brokeOff } = state
  const carried = { ...(paused && { paused }), ...(brokeOff && { brokeOff }) }
  const { assignment, tempo } = input
  return await continueAsNew<typeof collect>({ assignment, tempo, ...carried })
}

interface State {
  paused: Remark | undefined
  /** Where the last host ended. */
  brokeOff: BrokenOffText | undefined
  /** The activity that runs. */
  attempt: CancellationScope | undefined
}

/** One turn of a host; undefined where nobody had begun when it was paused. */
async function attempt(
  state: State,
  { assignment, tempo }: CollectInput,
): Promise<CollectResult | undefined> {
  const { brokeOff } = state
  const scope = new CancellationScope()
  state.attempt = scope
  try {
    const task = { assignment, turn: tempo.turn, ...(brokeOff && { brokeOff }) }
    return await scope.run(() => proxyLive(tempo).collect(task))
  } catch (error) {
    if (isCancellation(error) && scope.consideredCancelled) return undefined
    throw toWorkflowFailure(error)
  } finally {
    state.attempt = undefined
  }
}

function handleMessages(state: State, tempo: LiveTempo): void {
  const pause = (input?: unknown) => {
    state.paused = readRemark(input)
    upsertMemo({ paused: state.paused })
    state.attempt?.cancel()
  }
  const resume = () => {
    if (!state.paused) return
    state.paused = undefined
    upsertMemo({ paused: null })
  }
  const cancel = (input?: unknown) => {
    const { reason } = readRemark(input)
    return CancellationScope.nonCancellable(() =>
      cancelByTemporal(proxyControl(tempo), reason, tempo.retryMaximumInterval),
    )
  }
  setHandler(pauseSignal, pause, { description: 'Stop collecting until it is resumed.' })
  setHandler(resumeSignal, resume, { description: 'Collect again.' })
  setHandler(cancelSignal, cancel, {
    description: 'Stop collecting for good.',
    unfinishedPolicy: HandlerUnfinishedPolicy.ABANDON,
  })
}
