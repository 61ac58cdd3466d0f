import type { BackfillInput } from '@backtide/core/backfill'
import type { Finding } from '@backtide/core/finding'
import type { PlanOrder } from '@backtide/core/plan'
import type { Usage } from '@backtide/core/prices'
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
import { probeObject } from './control/probe-object.ts'
import { recordFailure } from './control/record-failure.ts'
import { syncInstruments } from './control/sync-instruments.ts'
import { planTurn } from './follow/plan-turn.ts'
import type { FlowControl } from './flow/flow-control.ts'
import type { TransferLimits } from './load/context.ts'
import { loadPartitions } from './load/load-partitions.ts'
import type { ActivityMetrics } from './metrics.ts'
import { drawPlan } from './plan/draw-plan.ts'
import { BadSourceError } from './objects/errors.ts'
import type { Account, ObjectStore } from './objects/object-store.ts'
import type { AskHistory } from './objects/rest/ask-history.ts'
import type { Purse } from './spending/purse.ts'
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
  /** What sources that charge for it are paid from. */
  readonly purse: Purse
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
        paying(deps, input.backfill, (paid) =>
          preflight({ ...paid, ...running, namespace: namespaceNow() }, input),
        ),
      ),
    planDays: (input) =>
      run((running) => planDays({ ...scope(deps, input.dataset), ...running, now }, input)),
    drawPlan: (order) =>
      run(({ before, report, ...running }) =>
        paying(deps, { dataset: order.request.dataset, backfillId: order.planId }, (paid) =>
          drawPlan({ ...paid, ...running, ...planCosts(deps, paid, order), before, report }, order),
        ),
      ),
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
    ...adoptionActivities(deps),
    planTurn: (input) =>
      run(({ signal }) => {
        const { dataset, followId: backfillId } = input.follow
        return paying(deps, { dataset, backfillId }, (paid) =>
          planTurn({ ...paid, isRunning, now, signal }, input),
        )
      }),
    probeObject: (input) =>
      run(({ signal }) =>
        paying(deps, { dataset: input.dataset, backfillId: 'probe' }, (paid) =>
          probeObject({ ...paid, signal }, input),
        ),
      ),
    requestCancel: (input) => run(() => requestCancel(temporal, input)),
    finish: (input) =>
      run(() => finish({ store, registry, now, namespace: namespaceNow() }, input)),
  }
}

function adoptionActivities(deps: ActivityDependencies) {
  const { store, registry, now } = deps
  const run = <T>(body: (running: Running) => Promise<T>) => runActivity(deps, body)
  return {
    planAdoption: ({ table }) =>
      run((running) => planAdoption({ store, registry, now, ...running }, table)),
    adoptDays: (input) => run((running) => adoptDays({ store, registry, now, ...running }, input)),
    finishAdoption: (input) =>
      run((running) => finishAdoption({ store, registry, now, ...running }, input)),
  } satisfies Partial<ControlActivities>
}

/** The loads, for the load queue. */
export function createLoadActivities(deps: ActivityDependencies): LoadActivities {
  return {
    loadPartitions: (input) =>
      runActivity(deps, ({ report, ...running }) => {
        const { pool, limits, flow, now, metrics, purse } = deps
        const { backfillId, reprocess, maxCostUsd } = input
        const shared = { pool, limits, flow, now, backfillId, reprocess, metrics }
        return paying(deps, input, async (paid) => {
          const allowance = paid.account && (await purse.allow(backfillId, maxCostUsd))
          const pickSources = pickSourcesOf(deps.registry.all, paid.dataset.table)
          const context = {
            ...shared,
            ...paid,
            ...running,
            allowance,
            pickSources,
            onProgress: report,
          }
          return await loadPartitions(context, input)
        })
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

/** What the objects of a dataset cost, and what its plan did so far. */
function planCosts(
  { purse, store, now }: ActivityDependencies,
  { dataset: { source } }: { readonly dataset: Dataset },
  { planId }: PlanOrder,
) {
  return {
    now,
    namespace: namespaceNow(),
    costOf: (usage: Omit<Usage, 'lists'>) => purse.costOf(source, { ...usage, lists: 0 }),
    spentSoFar: async () => {
      await purse.settle()
      const spent = await store.spentFor([planId])
      return spent.reduce((sum, { usd }) => sum + usd, 0)
    },
  }
}

/** Does some work at the expense of a backfill, and has it on record what that was. */
async function paying<T>(
  deps: ActivityDependencies,
  { dataset, backfillId }: Pick<BackfillInput, 'dataset' | 'backfillId'>,
  work: (paid: ReturnType<typeof scope> & { readonly account: Account | undefined }) => Promise<T>,
): Promise<T> {
  const where = scope(deps, dataset)
  const account = deps.purse.accountOf(where.dataset.source, backfillId)
  try {
    return await work({ ...where, account })
  } finally {
    // What cannot be written now is written later, and counts meanwhile.
    if (account) await deps.purse.settle().catch(() => {})
  }
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
