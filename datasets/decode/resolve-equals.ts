import type { RecordFacts } from '../dataset.ts'
import type { HeldRecords } from './held-records.ts'
import type { RowWriter } from '../ilp/row-writer.ts'

/** Told of equal records. */
export interface EqualEvents {
  /** It lost against an equal one: `same` when their rows are the same bytes. */
  dropped(record: RecordFacts, same: boolean): void
}

/**
 * Winners of records in time order: of those equal in time, symbol and identity the one of highest
 * rank, the later among equals. By time, then symbol, then identity.
 */
export function resolveEquals(
  positions: Uint32Array,
  held: HeldRecords,
  rows: RowWriter,
  events: EqualEvents,
): Uint32Array {
  const winners = new Uint32Array(positions.length)
  let count = 0
  for (let start = 0; start < positions.length;) {
    const end = groupEnd(positions, start, held)
    if (end - start === 1) {
      winners[count++] = positions[start] ?? 0
    } else {
      const group = resolveGroup(positions.subarray(start, end), held, rows, events)
      winners.set(group, count)
      count += group.length
    }
    start = end
  }
  return winners.subarray(0, count)
}

/** Winners of records of equal time, by symbol and identity; tells of the others. */
function resolveGroup(
  positions: Uint32Array,
  held: HeldRecords,
  rows: RowWriter,
  events: EqualEvents,
): number[] {
  const members = Array.from(positions, (at): Member => ({ at, record: held.get(at) }))
  const winners: Member[] = []
  for (const each of members.toSorted(compareMembers)) {
    const last = winners.at(-1)
    if (last && isSame(last.record, each.record)) {
      events.dropped(last.record, rowsOf(last, held, rows).equals(rowsOf(each, held, rows)))
      winners[winners.length - 1] = each
    } else {
      winners.push(each)
    }
  }
  return winners.map(({ at }) => at)
}

interface Member {
  /** Position in order of arrival. */
  readonly at: number
  readonly record: RecordFacts
}

function compareMembers(a: Member, b: Member): number {
  return (
    compare(a.record.symbol, b.record.symbol) ||
    compare(a.record.identity, b.record.identity) ||
    a.record.rank - b.record.rank ||
    a.at - b.at
  )
}

function compare(a: string | number, b: string | number): number {
  if (a === b) return 0
  return a < b ? -1 : 1
}

function isSame(a: RecordFacts, b: RecordFacts): boolean {
  return a.symbol === b.symbol && a.identity === b.identity
}

function rowsOf({ at }: Member, held: HeldRecords, rows: RowWriter): Buffer {
  return rows.slice(held.startOf(at), held.endOf(at))
}

/** Where the group of equal time ends that begins at `start`, of positions in time order. */
export function groupEnd(positions: Uint32Array, start: number, held: HeldRecords): number {
  const ts = held.tsOf(positions[start] ?? 0)
  let end = start + 1
  while (end < positions.length && held.tsOf(positions[end] ?? 0) === ts) end++
  return end
}
