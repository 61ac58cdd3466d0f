import type { ObjectState } from '@backtide/core/state'
import type { LedgerRow } from '../records.ts'

/** A settled row whose rows may have been lost since: it says what it was, to be that again. */
export function unverifiedRow(row: LedgerRow, why: string, now: number): LedgerRow {
  const was = row.reason === '' ? row.state : `${row.state}: ${row.reason}`
  return { ...row, state: 'unverified', reason: `${why}${WAS}${was}`, checkedAt: now }
}

/** What a row was before it became unverified; undefined where its rows need not be what it says. */
export function settledBefore(row: LedgerRow): Pick<LedgerRow, 'state' | 'reason'> | undefined {
  if (row.state !== 'unverified') return undefined
  const at = row.reason.indexOf(WAS)
  if (at < 0) return undefined
  const [state = '', ...reason] = row.reason.slice(at + WAS.length).split(': ')
  return { state: state as ObjectState, reason: reason.join(': ') }
}

const WAS = '; it was '
