import type { FollowInput } from '@backtide/core/follow'
import type { Follow, FollowSchedules, Turn } from '@backtide/api/temporal/follows'

/** Schedules in memory. */
export interface FakeFollows extends FollowSchedules {
  readonly known: Map<string, Follow>
  /** What turns came to, by their workflow. */
  readonly turnsOf: Map<string, Turn>
}

/** Creates a Temporal without schedules. */
export function createFakeFollows(now: () => number): FakeFollows {
  const known = new Map<string, Follow>()
  const turnsOf = new Map<string, Turn>()
  const change = (id: string, of: (one: Follow) => Follow): boolean => {
    const one = known.get(id)
    if (one) known.set(id, of(one))
    return one !== undefined
  }
  return {
    known,
    turnsOf,
    put: async (input: FollowInput) => {
      const before = known.get(input.followId)
      const at = now() + input.everyMs
      const fresh = { paused: false, createdAt: now(), turns: 0, skipped: 0 }
      known.set(input.followId, {
        ...fresh,
        ...before,
        input: structuredClone(input),
        nextAt: [at],
      })
      return before ? 'changed' : 'created'
    },
    list: async () => [...known.values()],
    find: async (id) => known.get(id),
    pause: async (id, note) =>
      change(id, (one) => ({ ...one, paused: true, nextAt: [], ...(note && { note }) })),
    resume: async (id) => change(id, (one) => ({ ...one, paused: false, turns: one.turns + 1 })),
    remove: async (id) => known.delete(id),
    turn: async (id) => turnsOf.get(id),
  }
}
