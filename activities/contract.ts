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
import type { CollectResult, CollectTask } from '@backtide/core/live'
import type { SyncInput, SyncResult } from '@backtide/core/instrument'

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
