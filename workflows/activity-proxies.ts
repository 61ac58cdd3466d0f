import { ActivityCancellationType, proxyActivities } from '@temporalio/workflow'
import type { ActivityInterfaceFor, ActivityOptions, RetryPolicy } from '@temporalio/workflow'
import type { ControlActivities, LoadActivities } from '@backtide/activities/contract'
import { FINAL_FAILURES } from '@backtide/core/failure'
import type { Tempo } from '@backtide/core/tempo'

/** Short activities, on the queue of the workflow itself. */
export function proxyControl(tempo: Tempo): ActivityInterfaceFor<ControlActivities> {
  return proxyActivities<ControlActivities>({
    startToCloseTimeout: tempo.controlTimeout,
    retry: retryPolicy(tempo),
  })
}

/** Loads, on a queue of their own. */
export function proxyLoads(tempo: Tempo, taskQueue: string): ActivityInterfaceFor<LoadActivities> {
  const options: ActivityOptions = {
    taskQueue,
    startToCloseTimeout: tempo.loadTimeout,
    heartbeatTimeout: tempo.heartbeatTimeout,
    // The day's id is what keeps other writers away: it is not given up while a load still writes.
    cancellationType: ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
    retry: retryPolicy(tempo),
  }
  return proxyActivities<LoadActivities>(options)
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
