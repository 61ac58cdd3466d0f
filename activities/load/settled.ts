import type { Reprocess } from '@backtide/core/backfill'
import { isOpen } from '@backtide/core/state'
import type { LedgerRow } from '@backtide/store/ledger/ledger-row'

/** Whose load it is and what it loads again. */
export interface Claim {
  readonly backfillId: string
  readonly reprocess: Reprocess
}

/**
 * What to do with an object: `skip` it, fetch it `ifChanged`, or `load` it. A row that this very
 * backfill wrote is its own progress: after a crash it is not done twice, whatever the mode.
 */
export function decide(row: LedgerRow | undefined, claim: Claim, version: number): Decision {
  if (!row || row.state === 'failed') return 'load'
  if (claim.reprocess === 'incomplete') return isOpen(row.state) ? 'load' : 'skip'
  if (row.backfillId === claim.backfillId) return 'skip'
  if (claim.reprocess === 'all') return 'load'
  return row.etag !== '' && row.decoderVersion === version ? 'ifChanged' : 'load'
}

export type Decision = 'skip' | 'ifChanged' | 'load'
