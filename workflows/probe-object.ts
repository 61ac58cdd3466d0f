import { proxyActivities } from '@temporalio/workflow'
import type { ControlActivities } from '@backtide/activities/contract'
import type { ProbeInput, ProbeResult } from '@backtide/core/probe'

/** Has a worker look for an object that is there, once: whoever asked waits no longer. */
export async function probeObject(
  input: ProbeInput & { readonly timeoutMs: number },
): Promise<ProbeResult> {
  const { timeoutMs, ...wanted } = input
  const activities = proxyActivities<Pick<ControlActivities, 'probeObject'>>({
    scheduleToCloseTimeout: timeoutMs,
    retry: { maximumAttempts: 1 },
  })
  return await activities.probeObject(wanted)
}
