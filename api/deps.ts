import type { KnownToken } from '@backtide/config/tokens'
import type { Timing } from '@backtide/core/timing'
import type { Rates } from '@backtide/core/prices'
import type { Source } from '@backtide/datasets/dataset'
import type { Registry } from '@backtide/datasets/registry'
import type { QueryStore } from '@backtide/store/contract'
import type { Logger } from 'pino'
import type { Metrics } from './http/metrics.ts'
import type { FollowSchedules } from './temporal/follows.ts'
import type { FeedRuns } from './temporal/feeds.ts'
import type { BackfillRuns } from './temporal/runs.ts'

/** What the routes work with. */
export interface Deps {
  readonly runs: BackfillRuns
  readonly follows: FollowSchedules
  readonly feeds: FeedRuns
  readonly store: QueryStore
  readonly registry: Registry
  readonly settings: Settings
  /** UTC milliseconds. */
  readonly now: () => number
  readonly log: Logger
  readonly metrics: Metrics
  /** Aborted when the process is told to end: answers without an end of their own end then. */
  readonly stopping?: AbortSignal
}

/** What the routes need to know of the configuration. */
export interface Settings {
  /** Host names a request may be addressed to; undefined allows any. */
  readonly allowedHosts?: readonly string[]
  /** When set, every route but /health and /ready asks for one of them. */
  readonly tokens?: readonly KnownToken[]
  /** What a token may ask for; usual when absent. */
  readonly limits?: Limits
  /** Variables of the keys of venues that are set; the keys are the workers'. */
  readonly sourceKeys?: readonly string[]
  readonly namespace: string
  readonly temporalUi: string
  readonly questdbUi?: string
  /** Where QuestDB is asked, without its login. */
  readonly questdb?: string
  readonly tempo: Timing
  readonly spending?: SpendingRules
}

/** What may be spent at sources that charge for it. */
export interface SpendingRules {
  /** Undefined where a source is free. */
  readonly ratesOf: (source: Source) => Rates | undefined
  /** Dollars in a UTC month. */
  readonly monthlyUsd?: number | undefined
  /** Dollars one backfill may cost without somebody having said so. */
  readonly confirmUsd?: number
}

/** How much one token may ask for: so many at once, and so many a second after that. */
export interface Limit {
  readonly burst: number
  readonly perSecond: number
}

export interface Limits {
  readonly requests: Limit
  /** Backfills that are started, retries included. */
  readonly backfills: Limit
}

/** Address of a workflow in Temporal's Web UI. */
export function workflowPage(
  { temporalUi, namespace }: Pick<Settings, 'temporalUi' | 'namespace'>,
  id: string,
): string {
  return `${temporalUi}/namespaces/${encodeURIComponent(namespace)}/workflows/${encodeURIComponent(id)}`
}
