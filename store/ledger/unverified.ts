import type { ObjectState } from '@backtide/core/state'
import { sql, type Statement } from '../sql.ts'
import type { LedgerRow } from './ledger-row.ts'

/** SQL for the reason of a settled row that may have lost rows: why, and what it was, to be that again. */
export function unverifiedReason(why: string): Statement {
  return sql`concat(${why + WAS}, state, ': ', coalesce(reason, ''))`
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
