import type { ObjectState } from '@backtide/core/state'
import type { ObjectTally } from '@backtide/datasets/decoded-object'
import type { Verdict } from './verify-object.ts'

/** State of an object and why, where it is not `complete`. */
export interface Judgement {
  readonly state: ObjectState
  readonly reason: string
}

/** What became of an object that was decoded, sent and read back. */
export function judge(tally: ObjectTally, verdict: Verdict): Judgement {
  if (tally.refused !== undefined) return { state: 'failed', reason: `refused: ${tally.refused}` }
  if (verdict.mismatch !== undefined) {
    return { state: 'failed', reason: `verification: ${verdict.mismatch}` }
  }
  if (tally.corrupt !== undefined) return { state: 'corrupt', reason: tally.corrupt }
  if (verdict.ghosts > 0) return { state: 'degraded', reason: `ghost_rows: ${verdict.ghosts}` }
  if (tally.disordered) return { state: 'degraded', reason: 'out_of_order' }
  const rejected = totalOf(tally.rejected)
  if (rejected > 0) return { state: 'degraded', reason: `rejected_lines: ${rejected}` }
  return { state: tally.distinctRows === 0 ? 'complete_empty' : 'complete', reason: '' }
}

/** Sum of counts by name. */
export function totalOf(counts: Readonly<Record<string, number>>): number {
  return Object.values(counts).reduce((sum, count) => sum + count, 0)
}
