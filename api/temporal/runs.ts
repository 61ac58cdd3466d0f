import type { AdoptInput, Adoption } from '@backtide/core/adoption'
import type { BackfillInput, BackfillProgress, Remark } from '@backtide/core/backfill'
import type { SyncInput } from '@backtide/core/instrument'
import type { DeriveInput, RefreshRequest } from '@backtide/core/derived'
import type { PlanOrder } from '@backtide/core/plan'
import type { BackfillRequest } from '@backtide/core/request'
import type { OptionsChange, RunningOptions } from '@backtide/core/running-options'
import type { ProbeInput, ProbeResult } from '@backtide/core/probe'
import type { Finding } from '@backtide/core/finding'
import type { BackfillEnd } from '@backtide/store/backfills/backfill-record'

/**
 * What the API asks of Temporal. Every method throws `TemporalUnavailableError` while Temporal is
 * away, and gives up by itself after a few seconds.
 */
export interface BackfillRuns {
  /** Starts the backfill, or says that its id is taken; a taken id is never started twice. */
  start(input: BackfillInput, memo: RunMemo): Promise<'started' | 'exists'>
  /** The last run of an id; undefined when Temporal does not know it (any more). */
  describe(id: string): Promise<Run | undefined>
  /** How a closed run ended. */
  outcome(id: string): Promise<RunOutcome>
  /** What the run says of itself; undefined when no worker answered in time. */
  progress(id: string): Promise<BackfillProgress | undefined>
  /** False when the run is closed or unknown. */
  signal(id: string, name: 'pause' | 'resume', remark: Remark): Promise<boolean>
  /** Temporal's own cancel; false when the run is closed or unknown. */
  cancel(id: string, remark: Remark): Promise<boolean>
  /** Changes options that are in order; undefined when the run is closed, unknown or finishing. */
  setOptions(id: string, change: OptionsChange): Promise<RunningOptions | undefined>
  /** Starts to draw a plan up. */
  startPlan(order: PlanOrder): Promise<void>
  /** A plan as Temporal knows it; undefined when it does not (any more). */
  describePlan(id: string): Promise<PlanRun | undefined>
  /** Changes what a backfill may cost, dollars; false when the run is closed or unknown. */
  setBudget(id: string, maxCostUsd: number): Promise<boolean>
  /** Ids of the workflows that load days of a table, or of any, now; see `dayWorkflowId`. */
  loadsOf(table?: string): Promise<readonly string[]>
  /** Activities of some workflows that have not ended, by workflow; those that are not known in time are left out. */
  activities(ids: readonly string[]): Promise<ReadonlyMap<string, readonly PendingActivity[]>>
  /** Identities of the workers that poll. */
  pollers(): Promise<Pollers>
  /** Has a venue asked for its instruments, unless that is under way; the id of the workflow. */
  syncInstruments(input: SyncInput): Promise<string>
  /** Has something derived made where it is stale, or anew; the id of the workflow that does it. */
  refreshDerived(input: DeriveInput, request: RefreshRequest): Promise<string>
  /** Has a table taken over, or counted; false where that is under way. */
  adopt(input: AdoptInput): Promise<boolean>
  /** The last adoption of a table; undefined when Temporal does not know one (any more). */
  adoption(table: string): Promise<AdoptionRun | undefined>
  /** Whether the namespace knows our search attributes; registers them where it may. */
  indexed(): Promise<boolean>
  /** What Temporal says of itself. */
  facts(): Promise<TemporalFacts>
  /** Has a worker look around where it is. */
  examineWorker(): Promise<Examined>
  /** Has a worker look for an object; undefined when none answered in time. */
  probe(input: ProbeInput): Promise<ProbeResult | undefined>
  /** Resolves when Temporal answers. */
  ping(): Promise<void>
}

/** An adoption; how far it is where a worker or its end says so, why where it failed. */
export interface AdoptionRun {
  readonly state: 'running' | 'done' | 'failed'
  readonly progress?: Adoption
  readonly reason?: string
}

/** A plan that Temporal knows. */
export interface PlanRun {
  readonly state: 'running' | 'ready' | 'failed'
  readonly order: PlanOrder
  /** Objects looked at so far, where that is known. */
  readonly objects?: number
  readonly reason?: string
}

/** What is kept with a run, to recognise a request when only Temporal knows it. */
export interface RunMemo {
  readonly requestHash: string
  readonly request: BackfillRequest
  /** UTC milliseconds. */
  readonly createdAt: number
  readonly retryOf?: string
}

export interface Run {
  readonly status: 'running' | 'completed' | 'failed' | 'cancelled' | 'terminated'
  /** UTC milliseconds. */
  readonly closedAt?: number
  /** Search attribute BacktidePhase, where the namespace knows it. */
  readonly phase?: string
  readonly memo?: RunMemo
  /** Ids of its days in flight. */
  readonly days?: readonly string[]
  /** Its own activities that have not ended; those of its days are the days'. */
  readonly activities?: readonly PendingActivity[]
}

/** An activity that a worker is at, or that waits for one. */
export interface PendingActivity {
  readonly type: string
  /** A worker has it. Temporal takes it away from one whose heartbeats stop. */
  readonly atWork: boolean
  /** Of the attempt under way or to come; the first is 1. */
  readonly attempt: number
  /** Since or from when it waits to be taken, UTC milliseconds; absent while a worker has it. */
  readonly dueAt?: number
  /** Why the attempt before failed, on one line. */
  readonly error?: string
  /** Since when a worker has it, UTC milliseconds. */
  readonly startedAt?: number
  /** What its last heartbeat said, where it was a load. */
  readonly at?: {
    readonly step: string
    /** Start of the partition in work, UTC milliseconds. */
    readonly partition?: number
  }
}

export type RunOutcome = Pick<BackfillEnd, 'outcome' | 'reason'> &
  Partial<Pick<BackfillEnd, 'counts' | 'rows'>>

export interface Pollers {
  /** Workers that take workflows and short activities. */
  readonly control: readonly string[]
  /** Workers that take loads; one that is busy with loads may be absent. */
  readonly load: readonly string[]
}

/** What Temporal says of itself and of our namespace. */
export interface TemporalFacts {
  readonly version: string
  /** How long it keeps what has ended, milliseconds. */
  readonly retentionMs: number
  /** Search attributes of ours that the namespace does not know. */
  readonly missing: readonly string[]
}

/** What a worker found where it is, and what came with asking. */
export interface Examined {
  /** Undefined when no worker answered in time. */
  readonly findings: readonly Finding[] | undefined
  /** When it was asked: Temporal's clock, and ours before and after, UTC milliseconds. */
  readonly theirs: number
  readonly before: number
  readonly after: number
}

/** Temporal is away, restarting or too slow to answer: try again later. */
export class TemporalUnavailableError extends Error {
  override readonly name = 'TemporalUnavailableError'
}
