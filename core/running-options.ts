import { MAX_CONCURRENCY, ORDERS } from './backfill-options.ts'
import type { Order } from './partition.ts'

/**
 * Who goes first when not all can: Temporal's priority keys, the lower the sooner. Work of one level goes
 * in the order it came. https://docs.temporal.io/develop/task-queue-priority-fairness
 */
export const PRIORITY = { live: 1, repair: 2, backfill: 3, gaps: 5 } as const

/** The last there is. */
export const LOWEST_PRIORITY = 5

/** What of a backfill may be changed while it runs. */
export interface RunningOptions extends ErrorBudget {
  readonly order: Order
  /** Days in flight at once. */
  readonly concurrency: number
  /** 1 to `LOWEST_PRIORITY`; of days that are started from then on. */
  readonly priority: number
}

/** How many days may fail before the backfill pauses; without a limit none makes it pause. */
export interface ErrorBudget {
  readonly maxFailedDays?: number
  /** The same in percent of all days of the backfill; the lower of the two counts. */
  readonly maxFailedPercent?: number
}

/** Some of the options; `null` takes a limit away. */
export type OptionsChange = {
  readonly [Name in keyof RunningOptions]?: RunningOptions[Name] | null
}

/** What is wrong with a change, a sentence; undefined when it is in order. */
export function faultOfChange(change: unknown): string | undefined {
  if (typeof change !== 'object' || change === null || Object.keys(change).length === 0) {
    return `name something to change: ${Object.keys(RULES).join(', ')}`
  }
  for (const [name, value] of Object.entries(change)) {
    const rule = RULES[name as keyof RunningOptions] as Rule | undefined
    if (!rule)
      return `${name.slice(0, 100)} cannot be changed; ${Object.keys(RULES).join(', ')} can`
    if (!rule.isValid(value)) return `${name} must be ${rule.what}`
  }
  return undefined
}

/** Days that may fail before it is too many; undefined without a limit. */
export function failuresAllowed(
  { maxFailedDays, maxFailedPercent }: ErrorBudget,
  days: number,
): number | undefined {
  const ofPercent =
    maxFailedPercent === undefined
      ? undefined
      : Math.max(1, Math.ceil((days * maxFailedPercent) / 100))
  if (maxFailedDays === undefined || ofPercent === undefined) return maxFailedDays ?? ofPercent
  return Math.min(maxFailedDays, ofPercent)
}

interface Rule {
  readonly what: string
  readonly isValid: (value: unknown) => boolean
}

const RULES: Readonly<Record<keyof RunningOptions, Rule>> = {
  order: { what: ORDERS.join(' or '), isValid: (value) => ORDERS.some((one) => one === value) },
  concurrency: integer(1, MAX_CONCURRENCY),
  priority: integer(1, LOWEST_PRIORITY),
  maxFailedDays: orNull(integer(1, Number.MAX_SAFE_INTEGER)),
  maxFailedPercent: orNull({
    what: 'a number above 0, 100 at most',
    isValid: (value) => typeof value === 'number' && value > 0 && value <= 100,
  }),
}

function integer(least: number, most: number): Rule {
  const what =
    most === Number.MAX_SAFE_INTEGER
      ? `an integer of ${least} at least`
      : `an integer from ${least} to ${most}`
  return {
    what,
    isValid: (value) =>
      Number.isSafeInteger(value) && Number(value) >= least && Number(value) <= most,
  }
}

function orNull({ what, isValid }: Rule): Rule {
  return { what: `${what}, or null`, isValid: (value) => value === null || isValid(value) }
}
