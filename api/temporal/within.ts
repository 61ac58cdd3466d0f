import type { Client } from '@temporalio/client'
import { asUnavailable } from './errors.ts'

/** Longest a call to Temporal may take, retries included, in milliseconds. */
const CALL_DEADLINE = 4_000

export type Within = <T>(milliseconds: number, call: () => Promise<T>) => Promise<T>

/** Calls to Temporal with a deadline each; one that is missed is `TemporalUnavailableError`. */
export function callsOf({ connection }: Client): {
  readonly within: Within
  readonly call: <T>(work: () => Promise<T>) => Promise<T>
} {
  const within: Within = (milliseconds, call) =>
    connection.withDeadline(Date.now() + milliseconds, call).catch((error: unknown) => {
      throw asUnavailable(error)
    })
  return { within, call: (work) => within(CALL_DEADLINE, work) }
}
