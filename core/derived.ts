import type { DataTable } from './table.ts'
import type { Range } from './range.ts'
import type { Timing } from './timing.ts'

/** A table, or the part of one, that is computed from what was loaded, a UTC day at a time. */
export interface Derived {
  readonly name: string
  /** One sentence for people. */
  readonly title: string
  /** Ids of the datasets that it is made of. */
  readonly bases: readonly string[]
  readonly table: DataTable
  /** Others write rows of the table, too: a rebuild then never drops it. */
  readonly shared?: true
  /** What its rows have as their origin, where the table has others. */
  readonly origin?: string
  /** Whole days that have to be looked at to make a day; absent where it is the day alone. */
  spanOf?(day: Range): Range
  /** What makes a day, step by step: each sees what those before it made. */
  stepsOf(parts: DayParts): readonly DerivedStep[]
}

/** Rows that are made anew together. All text is SQL; a day made twice is the same. */
export interface DerivedStep {
  /** Condition over the table's rows: those it is true of are the step's; what is not made again is laid dead. */
  readonly replaces: string
  /** Columns that the queries give, in their order; `seam` and `dead` are not among them. */
  readonly columns: readonly string[]
  /** Each becomes one transaction. */
  readonly queries: readonly string[]
}

/** What the ledger knows of what a day is made of. */
export interface DayParts {
  readonly day: Range
  /** By the id of the dataset; all of `Derived.bases`. */
  readonly bases: ReadonlyMap<string, readonly SeriesParts[]>
  /** Whether a day of the span (its start) is made of what its base is now. */
  isMade(day: number): boolean
}

/** What the ledger knows of some series of a base, over the span and the days next to it. */
export interface SeriesParts {
  /** Absent where objects hold all symbols. */
  readonly symbols?: readonly string[]
  /** Partitions whose rows were read back, run by run, ascending. */
  readonly read: readonly Range[]
  /** Of these the ones that are complete. */
  readonly complete: readonly Range[]
  /** Rows of the end of a partition may be in the object of the next one. */
  readonly spills: boolean
}

/** What the store has to know of a dataset to judge what is made of it. */
export interface DerivedBase {
  readonly id: string
  /** Length of its partitions, milliseconds. */
  readonly partitionMs: number
  readonly spills: boolean
  /** Objects hold all symbols of their partition. */
  readonly isWhole: boolean
  /** How many objects a series has in a partition (its start, UTC milliseconds). */
  objectsAt(start: number): number
}

/** How the days of something derived stand. Days are their starts, UTC milliseconds, ascending. */
export interface DerivedStanding {
  /** Made of what the base is now. */
  readonly made: readonly number[]
  /** Made of what the base was before. */
  readonly stale: readonly number[]
  /** Its base has rows, and it was never made. */
  readonly missing: readonly number[]
  /** When a day was last made, UTC milliseconds. */
  readonly madeAt?: number
}

/** What somebody wants made anew. */
export interface RefreshRequest {
  /**
   * Whole days; all there are when absent. Of days just before and after it only those that were made
   * before and are stale are made again.
   */
  readonly range?: Range
  /** Also what is not stale: what was made is dropped. */
  readonly rebuild?: boolean
}

/** Input of the workflow `derive`. */
export interface DeriveInput {
  readonly name: string
  readonly tempo: Timing
  /** Set by continue-as-new only. */
  readonly left?: readonly RefreshRequest[]
}

/** What the workflow came to. */
export interface DeriveResult {
  /** Days that were made by its last run. */
  readonly days: number
}

/** Input of the activity `refreshDerived`. */
export interface RefreshInput extends RefreshRequest {
  readonly name: string
}

/** What one activity came to. */
export interface RefreshResult {
  readonly days: number
  /** What is to be done after it; absent when all is done. */
  readonly left?: RefreshRequest
}

/** Input of the activity `requestRefresh`: has some derived things look at what settled. */
export interface RefreshNote {
  readonly names: readonly string[]
  readonly range: Range
  readonly tempo: Timing
}
