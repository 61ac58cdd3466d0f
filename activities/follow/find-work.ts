import type { Granularity } from '@backtide/core/partition'
import { partitionLength, partitionsOf } from '@backtide/core/partition'
import type { Range } from '@backtide/core/range'
import { DAY_MS } from '@backtide/core/range'
import { LOOK_AGAIN } from '@backtide/core/repairable'
import type { PartitionStanding } from '@backtide/store/ledger/partition-standing'

/** What is to be kept whole, and what the ledger knows of it. */
export interface WorkAsked {
  readonly range: Range
  readonly granularity: Granularity
  /** What is not before it is recent, UTC milliseconds: the start of a day. */
  readonly recentFrom: number
  /** Objects that a partition has. */
  readonly objectsAt: (partition: number) => number
  readonly known: readonly PartitionStanding[]
}

/** Where something is to be done; absent where nothing is. */
export interface Work {
  /** From the first to the last recent partition with something new, open or due. */
  readonly newest?: Range
  /** The same of what is older. */
  readonly gaps?: Range
  /** The newest days in a row in which something missing may have come: see `hasAppeared`. */
  readonly missing?: Range
}

/** Finds what is to be done in a range by what the ledger says of its partitions. */
export function findWork({ range, granularity, recentFrom, objectsAt, known }: WorkAsked): Work {
  const length = partitionLength(granularity)
  const at = new Map(known.map((one) => [one.partition, one]))
  const starts = partitionsOf(range, granularity)
  const open = starts.filter((start) => {
    const one = at.get(start)
    return !one || one.due > 0 || one.objects < objectsAt(start)
  })
  const appeared = known.filter((one) => hasAppeared(one, at.get(one.partition + length)))
  return {
    ...named('newest', hullOf(open.filter(isFrom(recentFrom)), length)),
    ...named(
      'gaps',
      hullOf(
        open.filter((start) => start < recentFrom),
        length,
      ),
    ),
    ...named(
      'missing',
      newestDays(
        appeared.map(({ partition }) => partition),
        range,
      ),
    ),
  }
}

/**
 * Whether a neighbour of what is missing in a partition was seen, later than it was looked for by an hour at
 * least: another object of the same partition, or one of the next. Looked for again, it is newer than they.
 */
export function hasAppeared(
  { missedAt, seenAt }: PartitionStanding,
  next: PartitionStanding | undefined,
): boolean {
  if (missedAt === undefined) return false
  return Math.max(seenAt ?? 0, next?.seenAt ?? 0) - missedAt >= LOOK_AGAIN.least
}

/** The last days in a row that some instants of a range lie in, as far as they are in it. */
export function newestDays(instants: readonly number[], range: Range): Range | undefined {
  const days = [...new Set(instants.map((at) => Math.floor(at / DAY_MS)))].toSorted((a, b) => b - a)
  const [last] = days
  if (last === undefined) return undefined
  const end = days.findIndex((day, index) => day !== last - index)
  const first = last - ((end < 0 ? days.length : end) - 1)
  return {
    from: Math.max(range.from, first * DAY_MS),
    to: Math.min(range.to, (last + 1) * DAY_MS),
  }
}

function hullOf(starts: readonly number[], length: number): Range | undefined {
  const [first, last] = [starts.at(0), starts.at(-1)]
  return first === undefined || last === undefined ? undefined : { from: first, to: last + length }
}

function isFrom(instant: number) {
  return (start: number): boolean => start >= instant
}

function named<Name extends keyof Work>(name: Name, range: Range | undefined): Pick<Work, Name> {
  return (range ? { [name]: range } : {}) as Pick<Work, Name>
}
