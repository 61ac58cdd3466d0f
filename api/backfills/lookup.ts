import type { BackfillProgress } from '@backtide/core/backfill'
import type { BackfillRecord } from '@backtide/store/backfills/backfill-record'
import type { Deps } from '../deps.ts'
import { TemporalUnavailableError, type PendingActivity, type Run } from '../temporal/runs.ts'
import { reconcile } from './reconcile.ts'
import { askWorkers, type Workers } from './workers.ts'

type Needs = Pick<Deps, 'runs' | 'store' | 'now' | 'settings'>

/** What is known of a backfill now, of its run as well. */
export interface Lookup {
  readonly record: BackfillRecord
  readonly run?: Run
  readonly progress?: BackfillProgress
  /** What has not ended of the run and its days, by workflow. */
  readonly pending?: ReadonlyMap<string, readonly PendingActivity[]>
  /** Workers that are alive; null once the backfill ended, and when Temporal could not be asked. */
  readonly workers: number | null
  readonly warnings: readonly string[]
}

export interface LookupOptions {
  /** Ask the run itself how far it is. */
  readonly ask: boolean
  /** Who works, where that is known; else it is found out, with the days of the run as witnesses. */
  readonly workers?: Workers
}

const NO_ANSWER = 'no worker answered in time: what runs may be further than shown'
const NO_TEMPORAL =
  'Temporal does not answer: whether the backfill still runs is not known, the counts are from the ledger'

function elsewhere(namespace: string): string {
  return `it runs in Temporal's namespace ${namespace}, which this API does not ask`
}

/**
 * Looks a backfill up in Temporal, as far as Temporal and a worker answer; never fails for them.
 */
export async function lookUp(
  deps: Needs,
  record: BackfillRecord,
  options: LookupOptions,
): Promise<Lookup> {
  if (record.ended) return { record, workers: null, warnings: [] }
  if (record.namespace !== deps.settings.namespace) {
    return { record, workers: null, warnings: [elsewhere(record.namespace)] }
  }
  try {
    const now = await reconcile(deps, record)
    if (now.record.ended || !now.run) return { ...now, workers: null, warnings: [] }
    return { ...now, ...(await lookAround(deps, record.id, now.run, options)) }
  } catch (error) {
    if (!(error instanceof TemporalUnavailableError)) throw error
    return withoutTemporal(record)
  }
}

/** What is known of a backfill while Temporal is away. */
export function withoutTemporal(record: BackfillRecord): Lookup {
  return { record, workers: null, warnings: record.ended ? [] : [NO_TEMPORAL] }
}

async function lookAround(
  deps: Needs,
  id: string,
  run: Run,
  { ask, workers: known }: LookupOptions,
): Promise<Omit<Lookup, 'record' | 'run'>> {
  const { runs } = deps
  const days = known ? new Map<string, never>() : await runs.activities(run.days ?? [])
  const pending = new Map([[id, run.activities ?? []], ...days])
  const workers = known ?? (await askWorkers(deps, [...days.values()].flat()))
  const progress = ask && workers.control ? await runs.progress(id) : undefined
  const silent = ask && workers.control && !progress
  const warnings = [...workers.warnings, ...(silent ? [NO_ANSWER] : [])]
  return { pending, workers: workers.count, warnings, ...(progress && { progress }) }
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
