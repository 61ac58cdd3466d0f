import type { Timing } from './timing.ts'

/** Input of the workflow `adopt`: a table of somebody else's is taken over, or only counted. */
export interface AdoptInput {
  /** Name of the table, which is the name of the view that takes its place. */
  readonly table: string
  readonly dryRun: boolean
  readonly tempo: Timing
}

/** What there is to take over: whole UTC days, as UTC milliseconds; `from` is `to` where there is no row. */
export interface AdoptionPlan {
  readonly from: number
  readonly to: number
  /** Name under which the table stays. */
  readonly keptAs: string
}

/** Days to count, or to copy, in one activity. */
export interface AdoptDaysInput extends Pick<AdoptInput, 'table' | 'dryRun'> {
  readonly from: number
  readonly to: number
}

/** What became of the days before `until`. */
export interface AdoptedDays extends AdoptedRows {
  readonly until: number
}

export interface AdoptedRows {
  readonly rows: number
  /** Rows with the keys of another: of those that are the same, the one written last stays. */
  readonly duplicates: number
  /** Objects that were put on record, to be read back against the archive. */
  readonly objects: number
}

/** The last step: the table gets its other name, and the view takes its place. */
export interface FinishAdoptionInput extends Pick<AdoptionPlan, 'keptAs'> {
  readonly table: string
  /** Rows that were copied, duplicates included. */
  readonly rows: number
}

/** How far an adoption is, and what came of it. */
export interface Adoption extends AdoptedRows {
  readonly dryRun: boolean
  readonly days: number
  readonly daysDone: number
  readonly keptAs: string
}
