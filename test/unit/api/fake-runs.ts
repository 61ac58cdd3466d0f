import type { AdoptInput } from '@backtide/core/adoption'
import type { BackfillInput, BackfillProgress } from '@backtide/core/backfill'
import type { OptionsChange, RunningOptions } from '@backtide/core/running-options'
import type { Finding } from '@backtide/core/finding'
import type { RefreshInput } from '@backtide/core/derived'
import { deriveWorkflowId } from '@backtide/core/ids'
import type { ProbeInput, ProbeResult } from '@backtide/core/probe'
import { TemporalUnavailableError, type BackfillRuns } from '@backtide/api/temporal/runs'
import type {
  AdoptionRun,
  PendingActivity,
  PlanRun,
  Pollers,
  Run,
  RunMemo,
  RunOutcome,
  TemporalFacts,
} from '@backtide/api/temporal/runs'

/** Temporal in memory; `away` makes it fail like a server that is down. */
export interface FakeRuns extends BackfillRuns {
  away: boolean
  workers: Pollers
  /** Answers the `progress` query, as a worker would; without it nobody answers. */
  progressOf: ((id: string) => BackfillProgress | undefined) | undefined
  /** Ids of workflows that load a day. */
  loading: readonly string[]
  /** What has not ended of a workflow, by its id. */
  readonly pending: Map<string, readonly PendingActivity[]>
  /** What Temporal says of itself. */
  temporal: TemporalFacts
  /** What a worker finds when it looks around; undefined: none answers. */
  found: readonly Finding[] | undefined
  /** What a worker finds when it looks for an object; undefined: none answers. */
  probeFinds: ProbeResult | undefined
  readonly probed: ProbeInput[]
  readonly started: BackfillInput[]
  /** Plans that were begun. */
  readonly planned: Map<string, PlanRun>
  /** Venues that were asked for their instruments. */
  readonly synced: string[]
  /** What was to be made. */
  readonly refreshes: RefreshInput[]
  readonly adopted: AdoptInput[]
  /** The last adoption of each table. */
  readonly adoptions: Map<string, AdoptionRun>
  readonly signals: { id: string; name: string; remark?: unknown }[]
  readonly changes: { readonly id: string; readonly change: OptionsChange }[]
  /** Closes a run as the workflow would end. */
  close(id: string, status: Exclude<Run['status'], 'running'>, outcome: RunOutcome): void
  /** Temporal forgets a run, as after its retention. */
  forget(id: string): void
}

/** Creates a Temporal without runs, with one worker. */
export function createFakeRuns(now: () => number): FakeRuns {
  const runs = new Map<string, { run: Run; outcome?: RunOutcome }>()
  const signals: FakeRuns['signals'] = []
  const started: BackfillInput[] = []
  const changes: FakeRuns['changes'] = []
  const isOpen = (id: string) => runs.get(id)?.run.status === 'running'
  const steer = async (id: string, name: string, remark?: unknown) => {
    await answer(undefined)
    if (isOpen(id)) signals.push({ id, name, ...(remark !== undefined && { remark }) })
    return isOpen(id)
  }
  const fake: FakeRuns = {
    away: false,
    workers: { control: ['worker-1'], load: ['worker-1'] },
    progressOf: undefined,
    loading: [],
    pending: new Map(),
    temporal: { version: '1.29.1', retentionMs: 30 * 86_400_000, missing: [] },
    found: [],
    probeFinds: { partition: Date.UTC(2026, 9, 31, 12), object: 'o/ATOM.lz4', size: 1_200 },
    probed: [],
    started,
    planned: new Map(),
    synced: [],
    refreshes: [],
    adopted: [],
    adoptions: new Map(),
    signals,
    changes,
    start: async (input: BackfillInput, memo: RunMemo) => {
      await answer(undefined)
      if (runs.has(input.backfillId)) return 'exists'
      runs.set(input.backfillId, { run: { status: 'running', memo: structuredClone(memo) } })
      started.push(structuredClone(input))
      return 'started'
    },
    describe: async (id) => {
      const run = await answer(runs.get(id)?.run)
      return run && { ...run, days: fake.loading, activities: fake.pending.get(id) ?? [] }
    },
    outcome: (id) => answer(runs.get(id)?.outcome ?? { outcome: 'failed' }),
    progress: (id) => answer(fake.progressOf?.(id)),
    signal: (id, name, remark) => steer(id, name, remark),
    cancel: (id, remark) => steer(id, 'cancel', remark),
    setOptions: async (id, change) => {
      await answer(undefined)
      const input = started.find((one) => one.backfillId === id)
      if (!isOpen(id) || !input) return undefined
      changes.push({ id, change })
      const { order, concurrency } = input
      return { order, concurrency, priority: 3, ...change } as RunningOptions
    },
    startPlan: async (order) => {
      await answer(undefined)
      fake.planned.set(order.planId, { state: 'running', order })
    },
    describePlan: (id) => answer(fake.planned.get(id)),
    setBudget: (id, maxCostUsd) => steer(id, 'setBudget', maxCostUsd),
    loadsOf: (table) =>
      answer(fake.loading.filter((id) => table === undefined || id.startsWith(`load/${table}/`))),
    activities: (ids) => answer(new Map(ids.map((id) => [id, fake.pending.get(id) ?? []]))),
    pollers: () => answer(fake.workers),
    refreshDerived: async ({ name }, request) => {
      await answer(undefined)
      fake.refreshes.push({ name, ...request })
      return deriveWorkflowId(name)
    },
    syncInstruments: async ({ exchange }) => {
      await answer(undefined)
      fake.synced.push(exchange)
      return `instruments/${exchange}`
    },
    facts: () => answer(fake.temporal),
    examineWorker: () =>
      answer({ findings: fake.found, theirs: now(), before: now(), after: now() }),
    adopt: async (input) => {
      await answer(undefined)
      if (fake.adoptions.get(input.table)?.state === 'running') return false
      fake.adopted.push(input)
      fake.adoptions.set(input.table, { state: 'running' })
      return true
    },
    adoption: (table) => answer(fake.adoptions.get(table)),
    probe: (input) => {
      fake.probed.push(input)
      return answer(fake.probeFinds)
    },
    indexed: () => answer(true),
    ping: () => answer(undefined),
    close: (id, status, outcome) => {
      const known = runs.get(id)
      if (!known) throw new Error(`no run ${id}`)
      runs.set(id, { run: { ...known.run, status, closedAt: now() }, outcome })
    },
    forget: (id) => void runs.delete(id),
  }
  async function answer<T>(value: T): Promise<T> {
    await Promise.resolve()
    if (fake.away) throw new TemporalUnavailableError('Temporal is away or too slow to answer.')
    return value
  }
  return fake
}
