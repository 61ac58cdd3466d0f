import { addCounts, type ObjectState, type StateCounts } from '@backtide/core/state'
import { DAY_MS, HOUR_MS } from '@backtide/core/range'
import type { CoverBy } from '@backtide/store/ledger/cover-ledger'
import type { GapPosition } from '@backtide/store/ledger/find-gaps'
import type { CoveredPart, LedgerRow } from '@backtide/store/ledger/ledger-row'

/** A ledger row of an object, `complete` with 10 rows unless told otherwise. */
export function ledgerRow(
  part: Pick<LedgerRow, 'partition' | 'symbol'> & Partial<LedgerRow>,
): LedgerRow {
  return {
    dataset: 'test.hourly',
    object: `hourly/${part.partition}/${part.symbol}`,
    state: 'complete',
    reason: '',
    backfillId: 'earlier',
    decoderVersion: 1,
    etag: 'e',
    size: 100,
    contentHash: 'c',
    lines: 10,
    rows: 10,
    distinctRows: 10,
    superseded: 0,
    ghosts: 0,
    rejected: 0,
    warnings: 0,
    details: '',
    epoch: 0,
    checkedAt: Date.UTC(2025, 0, 2),
    ...part,
  }
}

/** How many rows are in each state. */
export function countStates(rows: readonly LedgerRow[]): StateCounts {
  return rows.reduce((counts: StateCounts, row) => addCounts(counts, one(row.state)), {})
}

function one(state: ObjectState): StateCounts {
  return { [state]: 1 }
}

/** Whether a row comes behind a place in a list. */
export function isAfter(row: LedgerRow, after: { partition: number; object: string }): boolean {
  return (
    row.partition > after.partition ||
    (row.partition === after.partition && row.object > after.object)
  )
}

/** The part of a range that a row is of. */
export function partOf(row: LedgerRow, by: CoverBy): Pick<CoveredPart, 'at' | 'series'> {
  const length = by === 'hour' ? HOUR_MS : DAY_MS
  return {
    ...(by !== 'coin' && { at: Math.floor(row.partition / length) * length }),
    ...(by.startsWith('coin') && { series: row.symbol }),
  }
}

/** Items of equal keys together. */
export function groupBy<T, Key>(all: readonly T[], keyOf: (item: T) => Key): [Key, T[]][] {
  const groups = new Map<string, [Key, T[]]>()
  for (const item of all) {
    const key = keyOf(item)
    const [, before] = groups.get(JSON.stringify(key)) ?? [key, []]
    groups.set(JSON.stringify(key), [key, [...before, item]])
  }
  return [...groups.values()]
}

/** Text that gaps are sorted by. */
export function orderOf({ from, series, cause }: GapPosition): string {
  return JSON.stringify([from, series, cause])
}
