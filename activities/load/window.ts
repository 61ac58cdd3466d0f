import type { SymbolRows } from '@backtide/datasets/decode/decoded-object'
import type { Window } from '@backtide/store/owned-rows'
import type { LedgerRow } from '@backtide/store/ledger/ledger-row'

/** First and last timestamp of some rows, UTC microseconds; undefined without rows. */
export function windowOf(rows: readonly SymbolRows[]): Window | undefined {
  return rows
    .map(({ ts }) => (ts.length > 0 ? { from: ts[0] ?? 0, to: ts.at(-1) ?? 0 } : undefined))
    .reduce(union, undefined)
}

/** First and last timestamp that the ledger knows of an object. */
export function ledgerWindow(row: LedgerRow | undefined): Window | undefined {
  if (row?.minTs === undefined || row.maxTs === undefined) return undefined
  return { from: row.minTs, to: row.maxTs }
}

/** Smallest window around both. */
export function union(a: Window | undefined, b: Window | undefined): Window | undefined {
  if (!a || !b) return a ?? b
  return { from: Math.min(a.from, b.from), to: Math.max(a.to, b.to) }
}
