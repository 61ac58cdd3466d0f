import { LOAD_ACTIVITY } from '@backtide/core/ids'
import type { Deps } from '../deps.ts'
import type { PendingActivity } from '../temporal/runs.ts'

/** A load that is due for longer finds nobody who would take it, in milliseconds. */
const OVERDUE = 10_000

/** Running days that are looked at to find out whether anybody loads, at most. */
const MOST_DAYS = 64

export const NO_WORKER =
  'no worker is running: nothing is loaded until one is started (npm start, or backtide up)'
const NO_LOADS = 'no worker takes loads: start one that polls the load queue'

/** Who works now. */
export interface Workers {
  readonly count: number
  /** Somebody takes workflows and short activities. */
  readonly control: boolean
  /** What is missing, in sentences. */
  readonly warnings: readonly string[]
}

/**
 * Finds out who works. A worker whose places are all taken does not poll, and one that was killed counts
 * as polling for a minute: so the loads are asked as well. One is at work only as long as its worker is
 * heard of, and none stays due while somebody has room for it. `own` are loads known already.
 * @throws TemporalUnavailableError
 */
export async function askWorkers(
  { runs, now }: Pick<Deps, 'runs' | 'now'>,
  own: readonly PendingActivity[] = [],
): Promise<Workers> {
  const pollers = await runs.pollers()
  const loads = own.filter(isLoad)
  const overdue = loads.some(({ dueAt }) => dueAt !== undefined && now() - dueAt > OVERDUE)
  const doubtful = pollers.load.length === 0 || overdue
  const takesLoads =
    !doubtful || loads.some(({ atWork }) => atWork) || (await somebodyLoads({ runs }))
  const live = new Set([...pollers.control, ...pollers.load])
  // Whoever would take loads and does not is gone, with all else that it did.
  if (!takesLoads) for (const gone of pollers.load) live.delete(gone)
  const control = pollers.control.some((identity) => live.has(identity))
  const warnings = control ? (takesLoads ? [] : [NO_LOADS]) : [NO_WORKER]
  return { count: live.size, control, warnings }
}

async function somebodyLoads({ runs }: Pick<Deps, 'runs'>): Promise<boolean> {
  const days = (await runs.loadsOf()).slice(0, MOST_DAYS)
  const all = await runs.activities(days)
  return [...all.values()].flat().some((one) => isLoad(one) && one.atWork)
}

function isLoad({ type }: PendingActivity): boolean {
  return type === LOAD_ACTIVITY
}
