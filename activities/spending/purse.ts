import { stopOf, type Stop } from '@backtide/core/budget'
import { costOf, NO_USAGE, type Rates, type Usage } from '@backtide/core/prices'
import type { Source } from '@backtide/datasets/dataset'
import type { Account } from '../objects/object-store.ts'
import { createTally, type TallyOptions } from './tally.ts'

/** What a worker process spends at sources that charge for it. */
export interface Purse {
  /** What is asked of a source for a backfill (or plan) is charged to it; undefined where it is free. */
  accountOf(source: Source, backfillId: string): Account | undefined
  /** Dollars for asking so much of a source; nothing is charged. */
  costOf(source: Source, usage: Usage): number
  /**
   * What a load may spend, by what all workers have spent so far.
   * @throws StoreUnavailableError when that cannot be read
   */
  allow(backfillId: string, maxCostUsd: number | undefined): Promise<Allowance>
  /** Puts on record what was spent since it was last done; tried again by itself when it fails. */
  settle(): Promise<void>
}

/** Whether one load may spend more. */
export interface Allowance {
  /** Why it may not; once it may not, it never may again. */
  stop(): Stop | undefined
}

export interface PurseOptions extends TallyOptions {
  /** Undefined where a source is free. */
  readonly ratesOf: (source: Source) => Rates | undefined
  readonly monthlyUsd?: number | undefined
  /** Told of every cent as it is spent. */
  readonly onSpent?: (source: string, usd: number) => void
}

/**
 * A purse without anything in it. Requests are charged before they are made, and answers when they
 * begin: killed in between, more is on record than was spent, and of the last seconds nothing is.
 */
export function createPurse(options: PurseOptions): Purse {
  const { ratesOf, monthlyUsd, onSpent, now } = options
  const tally = createTally(options)
  const charge = (source: string, backfillId: string, rates: Rates, usage: Usage): void => {
    const usd = costOf(usage, rates)
    tally.add({ backfillId, source, usd, ...usage })
    onSpent?.(source, usd)
  }
  return {
    settle: () => tally.settle(),
    costOf: (source, usage) => costOf(usage, ratesOf(source)),
    accountOf: (source, backfillId) => {
      const rates = ratesOf(source)
      if (!rates) return undefined
      const { name } = source
      return {
        request: (kind) => charge(name, backfillId, rates, { ...NO_USAGE, [`${kind}s`]: 1 }),
        answer: (bytes) => charge(name, backfillId, rates, { ...NO_USAGE, bytes }),
      }
    },
    allow: async (backfillId, maxCostUsd) => {
      await tally.watch(backfillId)
      let stopped: Stop | undefined
      return {
        stop: () => {
          const [spentUsd, monthSpentUsd] = [tally.ofBackfill(backfillId), tally.ofMonth()]
          const spent = { backfillId, spentUsd, maxCostUsd, monthSpentUsd, monthlyUsd, now: now() }
          stopped ??= stopOf(spent)
          return stopped
        },
      }
    },
  }
}
