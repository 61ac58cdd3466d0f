import type { RecordFacts } from './dataset.ts'
import type { RecordChunk } from './decoded-object.ts'
import { RowWriter } from './ilp/row-writer.ts'

/** Puts records in time order, keeps one of equal ones, and cuts them into chunks. */
export interface RecordSorter {
  /** Rows of the next record are written here. */
  readonly rows: RowWriter
  /** The rows written since the last `commit` are this record's. */
  commit(record: RecordFacts): void
  /** Takes back the rows written since the last `commit`. */
  rewind(): void
  /** Emits the older half of what is held once the window is full; run it to its end. */
  drain(): Generator<RecordChunk, void>
  /** Emits all that is held; run it to its end. */
  flush(): Generator<RecordChunk, void>
}

export interface SorterLimits {
  /** Most bytes a chunk has, as far as one timestamp allows: it is cut only where `ts` changes. */
  readonly chunkBytes: number
  /** Most encoded bytes that are held back, but for one record. */
  readonly reorderBytes: number
}

/** Told of every record, once. */
export interface SorterEvents {
  /** It is in a chunk, unless it has no rows. Records come by batch, within a batch in time order. */
  emitted(record: RecordFacts, batch: number): void
  /** It lost against an equal one: `same` when their rows are the same bytes. */
  dropped(record: RecordFacts, same: boolean): void
  /** It came after records of its time or later were emitted. */
  late(record: RecordFacts): void
}

/**
 * Sorter that writes records into one buffer and emits in batches: all at the end, or the older half
 * whenever `reorderBytes` are held. So an object that fits in the window is sorted exactly, and a
 * record of a larger one may come half a window too late; one that comes later still goes out with
 * the next batch. Chunks own their memory.
 */
export function createRecordSorter(limits: SorterLimits, events: SorterEvents): RecordSorter {
  const rows = new RowWriter()
  let held: Held[] = []
  let heldEnd = 0
  let emittedTs = -Infinity
  let batch = 0

  function* emit(groups: readonly Group[]): Generator<RecordChunk, void> {
    batch++
    let pending: Held[] = []
    let size = 0
    for (const group of groups) {
      const winners = settle(group.members, rows, events)
      const more = bytesOf(winners)
      if (size > 0 && size + more > limits.chunkBytes) {
        yield copyChunk(pending, size, rows)
        pending = []
        size = 0
      }
      for (const winner of winners) {
        events.emitted(winner.record, batch)
        if (winner.end > winner.start) pending.push(winner)
      }
      size += more
      emittedTs = Math.max(emittedTs, group.ts)
    }
    if (size > 0) yield copyChunk(pending, size, rows)
  }

  return {
    rows,
    commit(record) {
      if (record.ts <= emittedTs) events.late(record)
      held.push({ record, start: heldEnd, end: rows.length, order: held.length })
      heldEnd = rows.length
    },
    rewind: () => rows.rewind(heldEnd),
    *drain() {
      if (heldEnd <= limits.reorderBytes) return
      const groups = groupByTs(held)
      const cut = findCut(groups, heldEnd - limits.reorderBytes / 2)
      yield* emit(groups.slice(0, cut))
      held = compact(groups.slice(cut), rows)
      heldEnd = rows.length
    },
    *flush() {
      yield* emit(groupByTs(held))
      held = []
      heldEnd = 0
      rows.rewind(0)
    },
  }
}

interface Held {
  readonly record: RecordFacts
  readonly start: number
  readonly end: number
  /** Position among the held ones, in order of arrival. */
  readonly order: number
}

interface Group {
  readonly ts: number
  readonly members: Held[]
}

/** Groups of equal `ts`, ascending; members in order of arrival. */
function groupByTs(held: readonly Held[]): Group[] {
  const sorted = held.every((each, at) => at === 0 || before(held[at - 1], each))
    ? held
    : held.toSorted((a, b) => a.record.ts - b.record.ts)
  const groups: Group[] = []
  for (const each of sorted) {
    const last = groups.at(-1)
    if (last?.ts === each.record.ts) last.members.push(each)
    else groups.push({ ts: each.record.ts, members: [each] })
  }
  return groups
}

function before(a: Held | undefined, b: Held): boolean {
  return a === undefined || a.record.ts <= b.record.ts
}

/** How many groups from the first on have at least `bytes` bytes. */
function findCut(groups: readonly Group[], bytes: number): number {
  let size = 0
  let cut = 0
  for (; cut < groups.length && size < bytes; cut++) size += bytesOf(groups[cut]?.members ?? [])
  return cut
}

/** Of members equal in symbol and identity the winner, by symbol and identity; tells of the others. */
function settle(members: Held[], rows: RowWriter, events: SorterEvents): readonly Held[] {
  if (members.length === 1) return members
  const winners: Held[] = []
  for (const each of members.toSorted(compareEqualTs)) {
    const last = winners.at(-1)
    if (last && last.record.symbol === each.record.symbol && sameIdentity(last, each)) {
      events.dropped(last.record, sameRows(last, each, rows))
      winners[winners.length - 1] = each
    } else {
      winners.push(each)
    }
  }
  return winners
}

function compareEqualTs(a: Held, b: Held): number {
  return (
    compareText(a.record.symbol, b.record.symbol) ||
    compareText(a.record.identity, b.record.identity) ||
    a.record.rank - b.record.rank ||
    a.order - b.order
  )
}

function compareText(a: string, b: string): number {
  if (a === b) return 0
  return a < b ? -1 : 1
}

function sameIdentity(a: Held, b: Held): boolean {
  return a.record.identity === b.record.identity
}

function sameRows(a: Held, b: Held, rows: RowWriter): boolean {
  return rows.slice(a.start, a.end).equals(rows.slice(b.start, b.end))
}

function bytesOf(held: readonly Held[]): number {
  let size = 0
  for (const each of held) size += each.end - each.start
  return size
}

function copyChunk(held: readonly Held[], size: number, rows: RowWriter): RecordChunk {
  const bytes = Buffer.allocUnsafeSlow(size)
  const ts = new Float64Array(held.length)
  const ends = new Uint32Array(held.length)
  let length = 0
  for (const [at, { record, start, end }] of held.entries()) {
    bytes.set(rows.slice(start, end), length)
    length += end - start
    ts[at] = record.ts
    ends[at] = length
  }
  return { bytes, ts, ends }
}

/** Moves what stays to the start of the buffer, in order of arrival: then no move overwrites any. */
function compact(groups: readonly Group[], rows: RowWriter): Held[] {
  const staying = groups.flatMap((group) => group.members).toSorted((a, b) => a.order - b.order)
  let length = 0
  const moved = staying.map(({ record, start, end }, order) => {
    rows.move(start, end, length)
    const to = length
    length += end - start
    return { record, start: to, end: length, order }
  })
  rows.rewind(length)
  return moved
}
