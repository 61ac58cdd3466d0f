import type { ErrorBudget } from './running-options.ts'

/** What a backfill request may leave out, and those of before there was any of it do not have. */
export interface OptionalFields extends ErrorBudget {
  /** See `PRIORITY`; that of a backfill when absent. */
  readonly priority?: number
  /** Only these hours of each UTC day, ascending. */
  readonly hours?: readonly number[]
  /** Most dollars it may cost. */
  readonly maxCostUsd?: number
  /** The plan it carries out. */
  readonly planId?: string
}

/** Of these fields those that something has. */
export function optionalOf(request: Unset<OptionalFields>): OptionalFields {
  const named = NAMES.filter((name) => request[name] !== undefined)
  return Object.fromEntries(named.map((name) => [name, request[name]]))
}

const NAMES = [
  'priority',
  'maxFailedDays',
  'maxFailedPercent',
  'hours',
  'maxCostUsd',
  'planId',
] as const

type Unset<T> = { readonly [Name in keyof T]: T[Name] | undefined }
