import { log, sleep, workflowInfo, type ActivityInterfaceFor } from '@temporalio/workflow'
import type { ControlActivities } from '@backtide/activities/contract'
import { reasonOf } from './failures.ts'

/** A workflow cannot end itself as Canceled: an activity has Temporal do it, asked again until it has. */
export async function cancelByTemporal(
  control: Pick<ActivityInterfaceFor<ControlActivities>, 'requestCancel'>,
  reason: string | undefined,
  againMs: number,
): Promise<void> {
  const { workflowId } = workflowInfo()
  for (;;) {
    try {
      return await control.requestCancel({ backfillId: workflowId, ...(reason && { reason }) })
    } catch (error) {
      log.warn('could not request the cancel; trying again', { error: reasonOf(error) })
      await sleep(againMs)
    }
  }
}
