import type { ObjectTally, SymbolRows } from '@backtide/datasets/decode/decoded-object'
import type { FoundAt, OwnedRows } from '@backtide/store/owned-rows'
import type { Window } from '@backtide/store/row-source'

/** True when the table holds exactly the expected rows of a symbol, and nothing else of their object. */
export function matches(expected: SymbolRows, found: OwnedRows | undefined): boolean {
  if (expected.ts.length === 0) return !found
  return (
    found !== undefined &&
    found.rows === sum(expected.rows) &&
    found.minTs === expected.ts[0] &&
    found.maxTs === expected.ts.at(-1) &&
    found.check === sum(expected.checks)
  )
}

/**
 * What is wrong with the rows of an object of one symbol, timestamp by timestamp; undefined when
 * nothing is. `tolerated` are windows where rows may be others' that do not say whose they are.
 */
export function findDifference(
  expected: SymbolRows,
  found: readonly FoundAt[],
  tolerated: readonly Window[],
): string | undefined {
  const left = new Map(found.map((at) => [at.ts, at]))
  for (let index = 0; index < expected.ts.length; index++) {
    const ts = expected.ts[index] ?? 0
    const rows = expected.rows[index] ?? 0
    const at = left.get(ts)
    left.delete(ts)
    if (at?.rows !== rows) return `${place(expected, ts)}: ${at?.rows ?? 0} of ${rows} rows found`
    if (at.check !== expected.checks[index]) {
      return `${place(expected, ts)}: rows differ from those sent`
    }
  }
  const surplus = [...left.values()].find(({ ts }) => !tolerated.some(isIn(ts)))
  return surplus && `${place(expected, surplus.ts)}: ${surplus.rows} rows that were not sent`
}

/** What is expected of a symbol; nothing where the object does not have it. */
export function expectedOf(
  { expected }: Pick<ObjectTally, 'expected'>,
  symbol: string,
): SymbolRows {
  return (
    expected.find((rows) => rows.symbol === symbol) ?? {
      symbol,
      ts: new Float64Array(),
      rows: new Uint32Array(),
      checks: new Float64Array(),
    }
  )
}

function place({ symbol }: SymbolRows, ts: number): string {
  return `${symbol} at ${new Date(ts / 1000).toISOString()}`
}

function isIn(ts: number): (window: Window) => boolean {
  return ({ from, to }) => from <= ts && ts <= to
}

function sum(values: ArrayLike<number>): number {
  let total = 0
  for (let index = 0; index < values.length; index++) total += values[index] ?? 0
  return total
}
