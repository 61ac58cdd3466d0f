import type { BackfillProgress } from '@backtide/core/backfill'
import type { BackfillRecord } from '@backtide/store/backfills/backfill-record'
import type { Deps } from '../deps.ts'
import { TemporalUnavailableError, type Run } from '../temporal/runs.ts'
import { reconcile } from './reconcile.ts'

type Needs = Pick<Deps, 'runs' | 'store' | 'now' | 'settings'>

/** What is known of a backfill now, of its run as well. */
export interface Lookup {
  readonly record: BackfillRecord
  readonly run?: Run
  readonly progress?: BackfillProgress
  /** Workers that poll; null once the backfill ended, and when Temporal could not be asked. */
  readonly workers: number | null
  readonly warnings: readonly string[]
}

export const NO_WORKER =
  'no worker is running: nothing is loaded until one is started (npm start, or backtide up)'
const NO_LOADS = 'no worker takes loads: start one that polls the load queue'
const NO_ANSWER = 'no worker answered in time: what runs may be further than shown'
const NO_TEMPORAL =
  'Temporal does not answer: whether the backfill still runs is not known, the counts are from the ledger'

function elsewhere(namespace: string): string {
  return `it runs in Temporal's namespace ${namespace}, which this API does not ask`
}

/**
 * Looks a backfill up in Temporal, as far as Temporal and a worker answer; never fails for them.
 * With `ask` the run itself is asked how far it is.
 */
export async function lookUp(
  deps: Needs,
  record: BackfillRecord,
  { ask }: { readonly ask: boolean },
): Promise<Lookup> {
  if (record.ended) return { record, workers: null, warnings: [] }
  if (record.namespace !== deps.settings.namespace) {
    return { record, workers: null, warnings: [elsewhere(record.namespace)] }
  }
  try {
    const [now, pollers] = await Promise.all([reconcile(deps, record), deps.runs.pollers()])
    const workers = new Set([...pollers.control, ...pollers.load]).size
    if (now.record.ended) return { record: now.record, workers, warnings: [] }
    const reachable = pollers.control.length > 0
    const progress = ask && reachable ? await deps.runs.progress(record.id) : undefined
    const warnings = [
      ...(reachable ? [] : [NO_WORKER]),
      ...(reachable && pollers.load.length === 0 ? [NO_LOADS] : []),
      ...(ask && reachable && !progress ? [NO_ANSWER] : []),
    ]
    return { ...now, workers, warnings, ...(progress && { progress }) }
  } catch (error) {
    if (!(error instanceof TemporalUnavailableError)) throw error
    return { record, workers: null, warnings: [NO_TEMPORAL] }
  }
}

/** Paused or running: as the run says, else as its search attribute says. */
export function runningState({ run, progress }: Pick<Lookup, 'run' | 'progress'>): {
  readonly state: 'running' | 'paused'
  readonly reason?: string
} {
  if ((progress?.phase ?? run?.phase) !== 'paused') return { state: 'running' }
  const reason = progress?.paused?.reason
  return { state: 'paused', ...(reason && { reason }) }
}
