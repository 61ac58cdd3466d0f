import { proxyActivities } from '@temporalio/workflow'
import type { ControlActivities } from '@backtide/activities/contract'
import { FINAL_FAILURES } from '@backtide/core/failure'
import type { PlanOrder, PlanSummary } from '@backtide/core/plan'
import { toWorkflowFailure } from './failures.ts'

/** Draws up a plan: one activity, which goes on where it was when its worker dies. */
export async function plan(order: PlanOrder): Promise<PlanSummary> {
  const { tempo } = order
  const control = proxyActivities<ControlActivities>({
    startToCloseTimeout: tempo.loadTimeout,
    heartbeatTimeout: tempo.heartbeatTimeout,
    retry: {
      initialInterval: tempo.retryInitialInterval,
      maximumInterval: tempo.retryMaximumInterval,
      nonRetryableErrorTypes: [...FINAL_FAILURES],
    },
  })
  try {
    return await control.drawPlan(order)
  } catch (error) {
    throw toWorkflowFailure(error)
  }
}
