import { ActivityCancellationType, proxyActivities } from '@temporalio/workflow'
import type { ActivityInterfaceFor, ActivityOptions, RetryPolicy } from '@temporalio/workflow'
import type {
  ControlActivities,
  LiveActivities,
  LoadActivities,
} from '@backtide/activities/contract'
import { FINAL_FAILURES } from '@backtide/core/failure'
import { LIVE_QUEUE } from '@backtide/core/ids'
import type { LiveTempo } from '@backtide/core/live'
import { DAY_MS } from '@backtide/core/range'
import type { Timing } from '@backtide/core/timing'

type Waits = Pick<Timing, 'retryInitialInterval' | 'retryMaximumInterval'>

/** Short activities, on the queue of the workflow itself. */
export function proxyControl(
  timing: Pick<Timing, 'controlTimeout'> & Waits,
): ActivityInterfaceFor<
  Pick<ControlActivities, 'preflight' | 'planDays' | 'requestCancel' | 'finish'>
> {
  return proxyActivities<ControlActivities>({
    startToCloseTimeout: timing.controlTimeout,
    retry: retryPolicy(timing),
  })
}

/** What a turn of what is followed begins with: it may list for minutes. */
export function proxyTurns(
  timing: Timing,
): ActivityInterfaceFor<Pick<ControlActivities, 'planTurn'>> {
  return proxyActivities<ControlActivities>({
    startToCloseTimeout: timing.loadTimeout,
    heartbeatTimeout: timing.heartbeatTimeout,
    retry: retryPolicy(timing),
  })
}

/** What writes the ledger of a day without loading; on the queue of the workflow itself. */
export function proxyRecords(
  timing: Timing,
): ActivityInterfaceFor<Pick<ControlActivities, 'recordFailure'>> {
  return proxyActivities<ControlActivities>({
    startToCloseTimeout: timing.controlTimeout,
    ...holdingTheDay(timing),
  })
}

/** Has what is derived looked at: nobody waits long for it, as it can be had later. */
export function proxyNotes(
  timing: Timing,
): ActivityInterfaceFor<Pick<ControlActivities, 'requestRefresh'>> {
  return proxyActivities<ControlActivities>({
    scheduleToCloseTimeout: Math.min(timing.controlTimeout, NOTE_TIMEOUT),
    retry: retryPolicy(timing),
  })
}

const NOTE_TIMEOUT = 30_000

/** Makes what is derived, by its only writer. */
export function proxyDerived(
  timing: Timing,
): ActivityInterfaceFor<Pick<ControlActivities, 'refreshDerived'>> {
  return proxyActivities<ControlActivities>({
    startToCloseTimeout: timing.loadTimeout,
    ...holdingTheDay(timing),
  })
}

/** Loads, on a queue of their own. */
export function proxyLoads(
  timing: Timing,
  taskQueue: string,
): ActivityInterfaceFor<LoadActivities> {
  return proxyActivities<LoadActivities>({
    taskQueue,
    startToCloseTimeout: timing.loadTimeout,
    ...holdingTheDay(timing),
  })
}

/** Feeds, on a queue of their own; an attempt ends its turn by itself. */
export function proxyLive(tempo: LiveTempo): ActivityInterfaceFor<LiveActivities> {
  return proxyActivities<LiveActivities>({
    taskQueue: LIVE_QUEUE,
    heartbeatTimeout: tempo.heartbeatTimeout,
    startToCloseTimeout: tempo.turn + DAY_MS,
    cancellationType: ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
    retry: retryPolicy(tempo),
  })
}

/** The day's id is what keeps other writers away: it is not given up while an activity still writes. */
function holdingTheDay(timing: Timing): ActivityOptions {
  return {
    heartbeatTimeout: timing.heartbeatTimeout,
    cancellationType: ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
    retry: retryPolicy(timing),
  }
}

/** Weather is survived however long it lasts: no attempt limit, no schedule-to-close. */
function retryPolicy(timing: Waits): RetryPolicy {
  return {
    initialInterval: timing.retryInitialInterval,
    maximumInterval: timing.retryMaximumInterval,
    backoffCoefficient: 2,
    nonRetryableErrorTypes: [...FINAL_FAILURES],
  }
}
