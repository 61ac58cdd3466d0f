import { proxyActivities, setHandler } from '@temporalio/workflow'
import type { ControlActivities } from '@backtide/activities/contract'
import type { AdoptInput, Adoption } from '@backtide/core/adoption'
import { FINAL_FAILURES } from '@backtide/core/failure'
import { countDays } from '@backtide/core/partition'
import { isOwnCancellation, toWorkflowFailure } from './failures.ts'
import { adoptionQuery } from './messages.ts'

/**
 * Takes over a table of somebody else's, or only counts what it would take over: its days one after the
 * other, then its name. Its id names the table, so that nobody does so twice at once; killed anywhere it
 * goes on, and a new one copies nothing twice.
 */
export async function adopt({ table, dryRun, tempo }: AdoptInput): Promise<Adoption> {
  const control = proxyActivities<ControlActivities>({
    startToCloseTimeout: tempo.loadTimeout,
    heartbeatTimeout: tempo.heartbeatTimeout,
    retry: {
      initialInterval: tempo.retryInitialInterval,
      maximumInterval: tempo.retryMaximumInterval,
      nonRetryableErrorTypes: [...FINAL_FAILURES],
    },
  })
  let state: Adoption | undefined
  setHandler(adoptionQuery, () => state)
  try {
    const { from, to, keptAs } = await control.planAdoption({ table })
    const days = countDays({ from, to })
    state = { dryRun, days, daysDone: 0, keptAs, rows: 0, duplicates: 0, objects: 0 }
    for (let day = from; day < to;) {
      const done = await control.adoptDays({ table, dryRun, from: day, to })
      day = done.until
      state = {
        ...state,
        daysDone: countDays({ from, to: day }),
        rows: state.rows + done.rows,
        duplicates: state.duplicates + done.duplicates,
        objects: state.objects + done.objects,
      }
    }
    if (!dryRun) await control.finishAdoption({ table, keptAs, rows: state.rows })
    return state
  } catch (error) {
    throw isOwnCancellation(error) ? error : toWorkflowFailure(error)
  }
}
