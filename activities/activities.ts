import type { BackfillInput } from '@backtide/core/backfill'
import type { Finding } from '@backtide/core/finding'
import type { Dataset, RestSource, Source } from '@backtide/datasets/dataset'
import { INSTRUMENT_SOURCES } from '@backtide/datasets/instruments'
import { pickSourcesOf } from '@backtide/datasets/pick-sources'
import type { Registry } from '@backtide/datasets/registry'
import type { Store } from '@backtide/store/store'
import { Context } from '@temporalio/activity'
import { WorkflowNotFoundError, type Client } from '@temporalio/client'
import { randomUUID } from 'node:crypto'
import type { ControlActivities, LoadActivities } from './contract.ts'
import { adoptDays, finishAdoption, planAdoption } from './control/adopt.ts'
import { finish } from './control/finish.ts'
import { planDays } from './control/plan-days.ts'
import { preflight } from './control/preflight.ts'
import { refreshDerived } from './control/refresh-derived.ts'
import { requestRefresh } from './control/request-refresh.ts'
import { recordFailure } from './control/record-failure.ts'
import { syncInstruments } from './control/sync-instruments.ts'
import { planTurn } from './follow/plan-turn.ts'
import type { FlowControl } from './flow/flow-control.ts'
import type { TransferLimits } from './load/context.ts'
import { loadPartitions } from './load/load-partitions.ts'
import type { ActivityMetrics } from './metrics.ts'
import { BadSourceError } from './objects/errors.ts'
import type { ObjectStore } from './objects/object-store.ts'
import type { AskHistory } from './objects/rest/ask-history.ts'
import { runActivity, type Running } from './run-activity.ts'
import type { DecoderPool } from './threads/decoder-pool.ts'

/** What activities work with; nothing else is reached from them. */
export interface ActivityDependencies {
  readonly store: Store
  readonly registry: Registry
  /** The object store of a bucket; the same one for the same bucket. */
  readonly objectsOf: (source: Source) => ObjectStore
  /** Asks the venue of a source, in turn. */
  readonly askOf: (source: RestSource) => AskHistory
  readonly pool: DecoderPool
  readonly limits: TransferLimits
  readonly flow: FlowControl
  readonly temporal: Client
  readonly metrics: ActivityMetrics
  /** What is found where the worker is. */
  readonly lookAround: () => Promise<readonly Finding[]>
  /** UTC milliseconds. */
  readonly now: () => number
}

/** The short activities, for the control queue. */
export function createControlActivities(deps: ActivityDependencies): ControlActivities {
  const { store, registry, now, temporal, askOf } = deps
  const run = <T>(body: (running: Running) => Promise<T>) => runActivity(deps, body)
  const isRunning = (id: string) => isWorkflowRunning(temporal, id)
  return {
    preflight: (input) =>
      run((running) =>
        preflight(
          { ...scope(deps, input.backfill.dataset), ...running, namespace: namespaceNow() },
          input,
        ),
      ),
    planDays: (input) =>
      run((running) => planDays({ ...scope(deps, input.dataset), ...running, now }, input)),
    recordFailure: (input) =>
      run((running) => recordFailure({ ...scope(deps, input.dataset), ...running, now }, input)),
    syncInstruments: ({ exchange }) =>
      run(({ signal, report }) => {
        const venue = INSTRUMENT_SOURCES.find((one) => one.exchange === exchange)
        if (!venue) throw new BadSourceError(exchange, 'its instruments are not known to Backtide')
        return syncInstruments({ store, venue, ask: askOf(venue.source), now, signal, report })
      }),
    lookAround: () => deps.lookAround(),
    requestRefresh: (input) => run(() => requestRefresh(temporal, input)),
    refreshDerived: (input) =>
      run((running) => refreshDerived({ store, registry, now, ...running }, input)),
    planAdoption: ({ table }) =>
      run((running) => planAdoption({ store, registry, now, ...running }, table)),
    adoptDays: (input) => run((running) => adoptDays({ store, registry, now, ...running }, input)),
    finishAdoption: (input) =>
      run((running) => finishAdoption({ store, registry, now, ...running }, input)),
    planTurn: (input) =>
      run(({ signal }) =>
        planTurn({ ...scope(deps, input.follow.dataset), isRunning, now, signal }, input),
      ),
    requestCancel: (input) => run(() => requestCancel(temporal, input)),
    finish: (input) =>
      run(() => finish({ store, registry, now, namespace: namespaceNow() }, input)),
  }
}

/** The loads, for the load queue. */
export function createLoadActivities(deps: ActivityDependencies): LoadActivities {
  return {
    loadPartitions: (input) =>
      runActivity(deps, ({ report, ...running }) => {
        const { pool, limits, flow, now, metrics } = deps
        const { backfillId, reprocess } = input
        const work = scope(deps, input.dataset)
        const shared = {
          ...work,
          pickSources: pickSourcesOf(deps.registry.all, work.dataset.table),
          pool,
          limits,
          flow,
          now,
          backfillId,
          reprocess,
          metrics,
        }
        return loadPartitions({ ...shared, ...running, onProgress: report }, input)
      }).then((result) => {
        const { counts, rows } = result
        if (Object.keys(counts).length > 0) Context.current().log.info('loaded', { counts, rows })
        return result
      }),
  }
}

function scope({ store, registry, objectsOf }: ActivityDependencies, id: BackfillInput['dataset']) {
  const dataset = findDataset(registry, id)
  return { store, dataset, objects: objectsOf(dataset.source) }
}

function namespaceNow(): string {
  return Context.current().info.namespace
}

function findDataset(registry: Registry, id: string): Dataset {
  const dataset = registry.find(id)
  if (!dataset) throw new BadSourceError(id, 'this worker does not know the dataset; update it')
  return dataset
}

async function isWorkflowRunning(temporal: Client, id: string): Promise<boolean> {
  try {
    return (await temporal.workflow.getHandle(id).describe()).status.name === 'RUNNING'
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return false
    throw error
  }
}

/** Has Temporal cancel a run, with the reason in its history: the client's own cancel takes none. */
async function requestCancel(
  { workflowService, options: { namespace, identity } }: Client,
  { backfillId, reason = '' }: { readonly backfillId: string; readonly reason?: string },
): Promise<void> {
  await workflowService.requestCancelWorkflowExecution({
    namespace,
    identity,
    requestId: randomUUID(),
    workflowExecution: { workflowId: backfillId },
    reason,
  })
}
