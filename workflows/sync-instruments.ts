import { proxyActivities } from '@temporalio/workflow'
import type { ControlActivities } from '@backtide/activities/contract'
import { FINAL_FAILURES } from '@backtide/core/failure'
import type { SyncInput, SyncResult } from '@backtide/core/instrument'

/** Asks a venue what is traded there; its id names the venue, so that nobody asks twice at once. */
export async function syncInstruments(input: SyncInput): Promise<SyncResult> {
  const { tempo } = input
  const control = proxyActivities<ControlActivities>({
    startToCloseTimeout: tempo.loadTimeout,
    heartbeatTimeout: tempo.heartbeatTimeout,
    retry: {
      initialInterval: tempo.retryInitialInterval,
      maximumInterval: tempo.retryMaximumInterval,
      nonRetryableErrorTypes: [...FINAL_FAILURES],
      // Nobody waits for it: whoever needs it next asks again.
      maximumAttempts: 20,
    },
  })
  return await control.syncInstruments({ exchange: input.exchange })
}
