import { ActivityCancellationType, proxyActivities } from '@temporalio/workflow'
import type { ActivityInterfaceFor, ActivityOptions, RetryPolicy } from '@temporalio/workflow'
import type { ControlActivities, LoadActivities } from '@backtide/activities/contract'
import { FINAL_FAILURES } from '@backtide/core/failure'
import type { Tempo } from '@backtide/core/tempo'

/** Short activities, on the queue of the workflow itself. */
export function proxyControl(
  tempo: Tempo,
): ActivityInterfaceFor<Omit<ControlActivities, 'recordFailure'>> {
  return proxyActivities<ControlActivities>({
    startToCloseTimeout: tempo.controlTimeout,
    retry: retryPolicy(tempo),
  })
}

/** What writes the ledger of a day without loading; on the queue of the workflow itself. */
export function proxyRecords(
  tempo: Tempo,
): ActivityInterfaceFor<Pick<ControlActivities, 'recordFailure'>> {
  return proxyActivities<ControlActivities>({
    startToCloseTimeout: tempo.controlTimeout,
    ...holdingTheDay(tempo),
  })
}

/** Loads, on a queue of their own. */
export function proxyLoads(tempo: Tempo, taskQueue: string): ActivityInterfaceFor<LoadActivities> {
  return proxyActivities<LoadActivities>({
    taskQueue,
    startToCloseTimeout: tempo.loadTimeout,
    ...holdingTheDay(tempo),
  })
}

/** The day's id is what keeps other writers away: it is not given up while an activity still writes. */
function holdingTheDay(tempo: Tempo): ActivityOptions {
  return {
    heartbeatTimeout: tempo.heartbeatTimeout,
    cancellationType: ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
    retry: retryPolicy(tempo),
  }
}

/** Weather is survived however long it lasts: no attempt limit, no schedule-to-close. */
function retryPolicy(tempo: Tempo): RetryPolicy {
  return {
    initialInterval: tempo.retryInitialInterval,
    maximumInterval: tempo.retryMaximumInterval,
    backoffCoefficient: 2,
    nonRetryableErrorTypes: [...FINAL_FAILURES],
  }
}
