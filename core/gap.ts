import { OBJECT_STATES, isComplete, type ObjectState } from './state.ts'

/** Why a part of a range is a gap: the state its objects are in, or that nothing is known of them. */
export const GAP_CAUSES = [
  'unknown',
  'missing',
  'pending',
  'corrupt',
  'degraded',
  'failed',
  'reset',
  'unverified',
] as const satisfies readonly ('unknown' | ObjectState)[]

export type GapCause = (typeof GAP_CAUSES)[number]

/** The states that leave a gap. */
export const GAP_STATES: readonly ObjectState[] = OBJECT_STATES.filter(
  (state) => !isComplete(state),
)
