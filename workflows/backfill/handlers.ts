import { HandlerUnfinishedPolicy } from '@temporalio/common'
import { ApplicationFailure, CancellationScope, setHandler } from '@temporalio/workflow'
import { MAX_CONCURRENCY } from '@backtide/core/backfill-options'
import { MOST_USD } from '@backtide/core/budget'
import { FAILURE } from '@backtide/core/failure'
import { cancelByTemporal } from '../cancel-by-temporal.ts'
import { faultOfChange } from '@backtide/core/running-options'
import type { OptionsChange } from '@backtide/core/running-options'
import {
  cancelSignal,
  pauseSignal,
  progressQuery,
  readRemark,
  resumeSignal,
  retryFailedUpdate,
  setBudgetUpdate,
  setConcurrencyUpdate,
  setOptionsUpdate,
} from '../messages.ts'
import type { BudgetInput, ConcurrencyInput } from '../messages.ts'
import { setOptions } from './options.ts'
import { pauseBackfill, resumeBackfill } from './pause.ts'
import { progressOf } from './progress.ts'
import { retryFailedDays } from './settle-day.ts'
import type { BackfillState } from './state.ts'

/** Answers everything one may say to a backfill; called before the first await. */
export function handleMessages(state: BackfillState): void {
  setHandler(progressQuery, () => progressOf(state), { description: 'Where the backfill stands.' })
  handlePause(state)
  handleCancel(state)
  handleUpdates(state)
}

function handlePause(state: BackfillState): void {
  setHandler(pauseSignal, (input?: unknown) => pauseBackfill(state, readRemark(input)), {
    description: 'Start nothing new; let loads in flight end.',
  })
  setHandler(resumeSignal, () => resumeBackfill(state), { description: 'Go on after a pause.' })
}

function handleCancel(state: BackfillState): void {
  const cancel = async (input?: unknown): Promise<void> => {
    if (state.cancelled) return
    state.cancelled = readRemark(input)
    state.changed = true
    const { control, request, cancelled } = state
    const again = request.tempo.retryMaximumInterval
    await CancellationScope.nonCancellable(() =>
      cancelByTemporal(control, cancelled?.reason, again),
    )
  }
  setHandler(cancelSignal, cancel, {
    description: 'Cancel: loads stop between sends, what was verified stays.',
    unfinishedPolicy: HandlerUnfinishedPolicy.ABANDON,
  })
}

function handleUpdates(state: BackfillState): void {
  const setConcurrency = ({ concurrency }: ConcurrencyInput): number => {
    state.carried.concurrency = concurrency
    state.changed = true
    return concurrency
  }
  const retryFailed = (): number => {
    const days = retryFailedDays(state)
    state.changed = true
    return days
  }
  const setBudget = ({ maxCostUsd }: BudgetInput): number => {
    state.carried.maxCostUsd = maxCostUsd
    state.changed = true
    return maxCostUsd
  }
  setHandler(setBudgetUpdate, setBudget, {
    validator: checkBudget,
    description: 'Change how many dollars it may cost; paused for it, it goes on when resumed.',
  })
  setHandler(setConcurrencyUpdate, setConcurrency, {
    validator: checkConcurrency,
    description: `Change how many days are in flight at once: 1 to ${MAX_CONCURRENCY}.`,
  })
  setHandler(setOptionsUpdate, (change: OptionsChange) => setOptions(state, change), {
    validator: (change?: unknown) => checkOptions(state, change),
    description: 'Change order, concurrency, priority, maxFailedDays, maxFailedPercent.',
  })
  setHandler(retryFailedUpdate, retryFailed, {
    validator: () => checkRetry(state),
    description: 'Start the failed days again.',
  })
}

function checkConcurrency(input?: Partial<ConcurrencyInput>): void {
  const { concurrency } = input ?? {}
  const valid = Number.isInteger(concurrency) && inWindow(Number(concurrency))
  if (!valid) throw refuse(`concurrency must be an integer from 1 to ${MAX_CONCURRENCY}`)
}

function checkOptions({ finishing }: BackfillState, change: unknown): void {
  if (finishing) throw refuse('the backfill is finishing: there is nothing to change any more')
  const fault = faultOfChange(change)
  if (fault) throw refuse(fault)
}

function checkBudget(input?: Partial<BudgetInput>): void {
  const { maxCostUsd = 0 } = input ?? {}
  if (!(maxCostUsd > 0 && maxCostUsd <= MOST_USD)) {
    throw refuse(`maxCostUsd must be dollars, more than 0 and at most ${MOST_USD}`)
  }
}

function checkRetry(state: BackfillState): void {
  if (state.finishing) throw refuse('the backfill is finishing: start a new one as its retry')
  if (state.carried.failed.length === 0) throw refuse('no day of this backfill has failed')
}

function inWindow(concurrency: number): boolean {
  return concurrency >= 1 && concurrency <= MAX_CONCURRENCY
}

function refuse(message: string): ApplicationFailure {
  return ApplicationFailure.nonRetryable(message, FAILURE.badRequest)
}
