import { OBJECT_STATES, isComplete, type ExplainedState, type ObjectState } from './state.ts'

/** A state that leaves a gap. */
export type GapState = Exclude<ObjectState, ExplainedState>

/** The states that leave a gap. */
export const GAP_STATES: readonly GapState[] = OBJECT_STATES.filter(
  (state): state is GapState => !isComplete(state),
)

/** Why a part of a range is a gap: the state its objects are in, or that nothing is known of them. */
export type GapCause = 'unknown' | GapState

export const GAP_CAUSES: readonly GapCause[] = ['unknown', ...GAP_STATES]
