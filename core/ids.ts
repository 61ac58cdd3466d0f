import { dayKey } from './partition.ts'

/** Task queue of workflows and short activities. */
export const CONTROL_QUEUE = 'backtide'

/** Task queue of loads: apart, so that loads never starve control work. */
export const LOAD_QUEUE = 'backtide-load'

/** Workflow types, as the Web UI shows them. */
export const BACKFILL_WORKFLOW = 'backfill'
export const LOAD_DAY_WORKFLOW = 'loadDay'

/**
 * Workflow id of a day. It names the table and the day, never the coins or the backfill: Temporal
 * then allows one writer per table and day, whoever asks.
 */
export function dayWorkflowId(table: string, day: number): string {
  return `load/${table}/${dayKey(day)}`
}
