import type { ObjectTally } from '@backtide/datasets/decode/decoded-object'
import type { LedgerRow } from '@backtide/store/ledger/ledger-row'
import type { SeenObject } from '@backtide/store/plans/plan-objects'

/** One object of a range, whether there is anything to do for it or not. */
export interface WantedObject {
  /** Start of its partition, UTC milliseconds. */
  readonly partition: number
  readonly series: string
  /** How many objects of its partition and series come before it. */
  readonly part: number
  readonly key: string
}

/** One object a load has to look after. */
export interface ObjectTask extends WantedObject {
  /** What the ledger said before. */
  readonly before?: LedgerRow
  /** Fetch it only if it no longer has this ETag. */
  readonly unlessEtag?: string
  /** What the plan that is carried out saw of it; `unplanned` when nothing. */
  readonly planned?: SeenObject | 'unplanned'
}

/** A partition that has something to load. */
export interface PlannedPartition {
  /** UTC milliseconds. */
  readonly start: number
  readonly tasks: readonly ObjectTask[]
}

/** The part of a plan that some objects are; partitions without one are left out. */
export function only(
  partitions: readonly PlannedPartition[],
  isTaken: (task: ObjectTask) => boolean,
): readonly PlannedPartition[] {
  return partitions
    .map(({ start, tasks }) => ({ start, tasks: tasks.filter(isTaken) }))
    .filter(({ tasks }) => tasks.length > 0)
}

/** What came of the objects of one partition. */
export interface LoadedPartition<Result extends ObjectResult = ObjectResult> {
  /** UTC milliseconds. */
  readonly start: number
  readonly results: readonly Result[]
}

/** The objects to which something came, as a plan. */
export function tasksOf<Result extends ObjectResult>(
  partitions: readonly LoadedPartition<Result>[],
  isTaken: (result: Result) => boolean,
): readonly PlannedPartition[] {
  return partitions
    .map(({ start, results }) => ({
      start,
      tasks: results.filter(isTaken).map(({ task }) => task),
    }))
    .filter(({ tasks }) => tasks.length > 0)
}

/** What came of an object in the archive and on its way to the table. */
export type ObjectResult = UndecodedObject | DecodedObject

/** The same once it was read back. */
export type VerifiedResult = UndecodedObject | VerifiedObject

export type UndecodedObject =
  | { readonly task: ObjectTask; readonly found: 'absent' | 'unchanged' }
  | {
      readonly task: ObjectTask
      readonly found: 'broken' | 'refused' | 'differs'
      readonly reason: string
    }

/** All rows of the object were taken by QuestDB. */
export interface DecodedObject {
  readonly task: ObjectTask
  readonly found: 'decoded'
  readonly etag: string
  readonly size: number
  readonly tally: ObjectTally
}

export interface VerifiedObject extends DecodedObject {
  readonly verdict: Verdict
}

/** What a read-back found out about an object. */
export interface Verdict {
  /** What is missing, different or too much; undefined when the table holds exactly its rows. */
  readonly mismatch?: string
  /** Rows found that the object does not have; they are ghosts now. */
  readonly ghosts?: number
}
