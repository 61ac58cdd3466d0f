import type {
  AdoptDaysInput,
  AdoptedDays,
  AdoptInput,
  AdoptionPlan,
  FinishAdoptionInput,
} from '@backtide/core/adoption'
import type {
  BackfillResult,
  FailureInput,
  FailureResult,
  FinishInput,
  LoadInput,
  LoadResult,
  PlanInput,
  PlanResult,
  PreflightInput,
  PreflightResult,
} from '@backtide/core/backfill'
import type { Finding } from '@backtide/core/finding'
import type { RefreshInput, RefreshNote, RefreshResult } from '@backtide/core/derived'
import type { TurnInput, TurnPlan } from '@backtide/core/follow'
import type { CollectResult, CollectTask } from '@backtide/core/live'
import type { ProbeInput, ProbeResult } from '@backtide/core/probe'
import type { SyncInput, SyncResult } from '@backtide/core/instrument'
import type { PlanOrder, PlanSummary } from '@backtide/core/plan'

/** Short activities of a backfill; they run on the control queue. */
export interface ControlActivities {
  /** Access, tables and coins. Also records the backfill as accepted. */
  preflight(input: PreflightInput): Promise<PreflightResult>
  /** Days of a range that have something to load, from the ledger. */
  planDays(input: PlanInput): Promise<PlanResult>
  /** Writes the unsettled objects of some partitions to the ledger as `failed`; for the holder of the day. */
  recordFailure(input: FailureInput): Promise<FailureResult>
  /** Has Temporal cancel a backfill: the only way a workflow can end as Canceled. */
  requestCancel(input: { readonly backfillId: string; readonly reason?: string }): Promise<void>
  /** Lists what a venue has, and since when it is traded. */
  syncInstruments(input: Pick<SyncInput, 'exchange'>): Promise<SyncResult>
  /** What is reached from where the worker is, and how it is there; never fails, within seconds. */
  lookAround(): Promise<readonly Finding[]>
  /** Has what is derived from some days looked at; resolves when Temporal has taken that. */
  requestRefresh(input: RefreshNote): Promise<void>
  /** Makes days of something derived that are stale, as many as a minute takes; for its only writer. */
  refreshDerived(input: RefreshInput): Promise<RefreshResult>
  /** What there is to take over of a table of somebody else's. */
  planAdoption(input: Pick<AdoptInput, 'table'>): Promise<AdoptionPlan>
  /** Counts or takes over the first of some days. */
  adoptDays(input: AdoptDaysInput): Promise<AdoptedDays>
  /** Gives a table that was taken over its other name, and the view its place. */
  finishAdoption(input: FinishAdoptionInput): Promise<void>
  /** What is due of what is followed. */
  planTurn(input: TurnInput): Promise<TurnPlan>
  /** Looks at every object of a request, and records what a backfill of it would do. */
  drawPlan(order: PlanOrder): Promise<PlanSummary>
  /** Looks for an object that is there, without reading it; never fails. */
  probeObject(input: ProbeInput): Promise<ProbeResult>
  /** Counts the ledger over the range and records how the backfill ended. */
  finish(input: FinishInput): Promise<BackfillResult>
}

/** Loads; they run on the load queue. */
export interface LoadActivities {
  /** Loads the beginning of what is left of a day: see docs/load-path.md. */
  loadPartitions(input: LoadInput): Promise<LoadResult>
}

/** Feeds; they run on the live queue. */
export interface LiveActivities {
  /** Collects one connection for its turn; see docs/architecture.md, Live. */
  collect(task: CollectTask): Promise<CollectResult>
}

export type Activities = ControlActivities & LoadActivities
