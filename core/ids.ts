import { dayKey } from './partition.ts'

/** Task queue of workflows and short activities. */
export const CONTROL_QUEUE = 'backtide'

/** Task queue of loads: apart, so that loads never starve control work. */
export const LOAD_QUEUE = 'backtide-load'

/** Task queue of feeds: the host that takes one keeps it. */
export const LIVE_QUEUE = 'backtide-live'

/** What a worker process does: `control` runs workflows and short activities, `load` loads, `live` collects. */
export const ROLES = ['control', 'load', 'live'] as const
export type Role = (typeof ROLES)[number]

/** Workflow type of a backfill, as the Web UI shows it. */
export const BACKFILL_WORKFLOW = 'backfill'

/** Workflow type of a day. */
export const LOAD_WORKFLOW = 'loadDay'

/** Workflow type of what a venue allows, in front of all workers. */
export const LIMIT_WORKFLOW = 'requestLimit'

/** Its update: gives a turn, `RequestTurn` → milliseconds to wait for it. */
export const TAKE_TURN = 'takeTurn'

/** Its signal: the venue asks to be left alone for so many milliseconds. */
export const BACK_OFF = 'backOff'

/** Workflow id of a limit: one for all workers of a namespace. */
export function limitWorkflowId(name: string): string {
  return `limit/${name}`
}

/** Workflow type that asks a venue for its instruments. */
export const INSTRUMENTS_WORKFLOW = 'syncInstruments'

/** Its workflow id: one a venue. */
export function instrumentsWorkflowId(exchange: string): string {
  return `instruments/${exchange}`
}

/** Workflow type that has a worker look around, for the doctor. */
export const EXAMINE_WORKFLOW = 'examineWorker'
/** Workflow type that makes what is derived from what was loaded. */
export const DERIVE_WORKFLOW = 'derive'

/** Its signal: a `RefreshRequest`. */
export const REFRESH = 'refresh'

/** Its workflow id: one a derived thing, so that it has one writer. */
export function deriveWorkflowId(name: string): string {
  return `derive/${name}`
}

/** Workflow type that takes over a table of somebody else's. */
export const ADOPT_WORKFLOW = 'adopt'

/** Its workflow id: one a table. */
export function adoptWorkflowId(table: string): string {
  return `adopt/${table}`
}

/** Workflow type of a turn of what is followed. */
export const FOLLOW_WORKFLOW = 'follow'

/** Id of the workflow that fills the gaps of what is followed: one at a time. */
export function gapsWorkflowId(followId: string): string {
  return `gaps/${followId}`
}

/** Workflow type of a connection that is collected. */
export const COLLECT_WORKFLOW = 'collect'

/** Its workflow id, of an `assignmentId`: Temporal then allows one of each. */
export function collectWorkflowId(id: string): string {
  return `collect/${id}`
}

/** Workflow type that has a worker look for an object that is there. */
export const PROBE_WORKFLOW = 'probeObject'

/** Activity type of a load. */
export const LOAD_ACTIVITY = 'loadPartitions'

/**
 * Workflow id of a day. It names the table and the day, never the coins or the backfill: Temporal
 * then allows one writer per table and day, whoever asks.
 */
export function dayWorkflowId(table: string, day: number): string {
  return `load/${table}/${dayKey(day)}`
}
