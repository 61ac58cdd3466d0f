import type { SymbolRows } from '@backtide/datasets/decoded-object'
import type { FoundAt, FoundRows, Window } from '@backtide/store/read-back'

/** What a read-back found out about an object. */
export interface Verdict {
  /** Rows in the table that no object can explain: of an earlier version of this one. */
  readonly ghosts: number
  /** Rows of other objects between its first and last timestamp. */
  readonly foreign: number
  /** What is missing or different; undefined when every row is there. */
  readonly mismatch?: string
}

export const VERIFIED: Verdict = { ghosts: 0, foreign: 0 }

/** True when the table holds exactly the expected rows of a symbol, and nothing else. */
export function matches(expected: SymbolRows, found: FoundRows | undefined): boolean {
  if (expected.ts.length === 0) return !found
  return (
    found !== undefined &&
    found.rows === sum(expected.rows) &&
    found.minTs === expected.ts[0] &&
    found.maxTs === expected.ts.at(-1) &&
    found.check === sum(expected.checks)
  )
}

/** How rows beyond the expected ones are to be read. */
export interface Surplus {
  /** The object replaces an earlier version whose rows may still be there. */
  readonly replaced: boolean
  /** Where rows of neighbouring objects may lie. */
  readonly neighbours: readonly Window[]
  /** A timestamp of ours cannot be shared with another object. */
  readonly ownsTimestamp: boolean
}

/** Compares timestamp by timestamp: missing or different rows are a mismatch, others are told apart. */
export function compareByTimestamp(
  expected: SymbolRows,
  found: readonly FoundAt[],
  surplus: Surplus,
): Verdict {
  const left = new Map(found.map((at) => [at.ts, at]))
  let verdict = VERIFIED
  for (let index = 0; index < expected.ts.length; index++) {
    const ts = expected.ts[index] ?? 0
    const rows = expected.rows[index] ?? 0
    const at = left.get(ts)
    left.delete(ts)
    if (!at || at.rows < rows) return mismatch(expected.symbol, ts, rows, at?.rows ?? 0)
    if (at.rows === rows && at.check !== expected.checks[index]) return differs(expected.symbol, ts)
    verdict = addSurplus(verdict, at.rows - rows, ts, surplus, surplus.ownsTimestamp)
  }
  for (const at of left.values()) verdict = addSurplus(verdict, at.rows, at.ts, surplus, false)
  return verdict
}

/** Verdicts of several symbols of one object as one. */
export function addVerdicts(a: Verdict, b: Verdict): Verdict {
  const found = a.mismatch ?? b.mismatch
  return {
    ghosts: a.ghosts + b.ghosts,
    foreign: a.foreign + b.foreign,
    ...(found === undefined ? {} : { mismatch: found }),
  }
}

function addSurplus(
  verdict: Verdict,
  rows: number,
  ts: number,
  { replaced, neighbours }: Surplus,
  ours: boolean,
): Verdict {
  if (rows === 0) return verdict
  const explained = neighbours.some(({ from, to }) => from <= ts && ts <= to)
  return ours || (replaced && !explained)
    ? { ...verdict, ghosts: verdict.ghosts + rows }
    : { ...verdict, foreign: verdict.foreign + rows }
}

function mismatch(symbol: string, ts: number, expected: number, found: number): Verdict {
  const at = new Date(ts / 1000).toISOString()
  return { ...VERIFIED, mismatch: `${symbol} at ${at}: ${found} of ${expected} rows found` }
}

function differs(symbol: string, ts: number): Verdict {
  const at = new Date(ts / 1000).toISOString()
  return { ...VERIFIED, mismatch: `${symbol} at ${at}: rows differ from those sent` }
}

function sum(values: ArrayLike<number>): number {
  let total = 0
  for (let index = 0; index < values.length; index++) total += values[index] ?? 0
  return total
}
