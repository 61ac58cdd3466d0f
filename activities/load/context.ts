import type { Reprocess } from '@backtide/core/backfill-options'
import type { PickSource } from '@backtide/core/picks'
import type { Dataset } from '@backtide/datasets/dataset'
import type { Fence } from '@backtide/store/fence'
import type { Store } from '@backtide/store/store'
import { waitApplied } from '@backtide/store/wait-applied'
import type { FlowControl } from '../flow/flow-control.ts'
import type { ActivityMetrics } from '../metrics.ts'
import type { Account, ObjectStore } from '../objects/object-store.ts'
import type { Allowance } from '../spending/purse.ts'
import type { DecoderPool } from '../threads/decoder-pool.ts'
import type { FetchOptions } from './fetch-object.ts'

/** What moving bytes needs. */
export interface TransferContext {
  readonly dataset: Dataset
  readonly objects: ObjectStore
  readonly pool: DecoderPool
  readonly fetch: FetchOptions
  readonly limits: TransferLimits
  /** Absent where nothing has to be paid, and where what was begun has to be finished. */
  readonly allowance?: Allowance | undefined
}

/** What a load works with. */
export interface LoadContext extends Omit<TransferContext, 'fetch'> {
  readonly store: Store
  /** All that fills the dataset's table, where readers see one origin of several. */
  readonly pickSources: readonly PickSource[]
  /** The backfill whose load it is. */
  readonly backfillId: string
  /** What that loads again. */
  readonly reprocess: Reprocess
  readonly flow: FlowControl
  readonly account?: Account | undefined
  /** UTC milliseconds. */
  readonly now: () => number
  readonly signal: AbortSignal
  /** Everything that is written goes behind it. */
  readonly fence: Fence
  /** Told where the load stands, for heartbeats. */
  readonly onProgress: (progress: LoadProgress) => void
  readonly metrics: ActivityMetrics
}

/** How much memory one load may use, in bytes. */
export interface TransferLimits {
  /** Size of a body sent to QuestDB. */
  readonly bodyBytes: number
  /** Rows held of all objects of a partition together, to put them in order and to merge them. */
  readonly rowBytes: number
  /** Records of one object further apart than this are sent out of order. */
  readonly reorderBytes: number
  /**
   * Most bytes of one transaction into a day that has later rows, and of one load of it: every commit
   * rewrites those rows. QuestDB keeps them in its log, not in memory.
   */
  readonly transactionBytes: number
}

export interface LoadProgress {
  readonly step: 'planning' | 'loading' | 'applying' | 'verifying' | 'recording'
  /** Start of the partition in work, UTC milliseconds. */
  readonly partition?: number
}

/** A database that takes longer to apply what it took is behind. */
const LAG_MS = 5_000

/** Waits until all is applied; a database that is behind makes the process do less at once. */
export async function waitInTurn(context: LoadContext): Promise<void> {
  const { flow, store, dataset, signal, metrics } = context
  const { name } = dataset.table
  const waited = metrics.waitForApply(name)
  try {
    const applied = await waitApplied(store.db, name, { signal })
    if (applied.memoryPressure) flow.backOff('memory')
    else if (applied.waitedMs > LAG_MS) flow.backOff('lagging')
  } catch (error) {
    flow.backOff('lagging')
    throw error
  } finally {
    waited()
  }
}
