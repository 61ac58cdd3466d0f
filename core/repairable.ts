import { DAY_MS, HOUR_MS } from './range.ts'
import { isOpen, type ObjectState } from './state.ts'

/**
 * When something absent is looked for again: after a part of its age, so that it slows with age, but
 * within these bounds. Milliseconds.
 */
export const LOOK_AGAIN = { partOfAge: 24, least: HOUR_MS, most: DAY_MS } as const

/** As much of a ledger row as it takes to judge whether a load could change it. */
export interface Repairability {
  /** Start of its partition, UTC milliseconds. */
  readonly partition: number
  readonly state: ObjectState
  readonly decoderVersion: number
  /** UTC milliseconds. */
  readonly checkedAt: number
}

/**
 * True for what a load could change at an instant (UTC milliseconds): an open state, `pending` only when
 * it is due, and what the decoder of another version made of an object. A hole that nobody can fill is
 * not paid for again and again. store/ledger/repairable.ts says the same in SQL.
 */
export function isRepairable(row: Repairability, version: number, now: number): boolean {
  if (row.state === 'pending') return now - row.checkedAt >= lookAgainAfter(now - row.partition)
  if (isOpen(row.state)) return true
  const undecoded = row.state === 'corrupt' || row.state === 'degraded'
  // Version 0 stands for no decoder: the object was lost, or is not known.
  return undecoded && row.decoderVersion > 0 && row.decoderVersion !== version
}

function lookAgainAfter(age: number): number {
  const { partOfAge, least, most } = LOOK_AGAIN
  return Math.min(most, Math.max(least, Math.floor(age / partOfAge)))
}
