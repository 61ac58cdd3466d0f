import { proxyActivities } from '@temporalio/workflow'
import type { ControlActivities } from '@backtide/activities/contract'
import type { Finding } from '@backtide/core/finding'

/** Has a worker look around where it is, once: whoever asked waits no longer. */
export async function examineWorker({
  timeoutMs,
}: {
  readonly timeoutMs: number
}): Promise<readonly Finding[]> {
  const { lookAround } = proxyActivities<Pick<ControlActivities, 'lookAround'>>({
    scheduleToCloseTimeout: timeoutMs,
    retry: { maximumAttempts: 1 },
  })
  return await lookAround()
}
