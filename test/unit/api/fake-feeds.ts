import { TemporalUnavailableError } from '@backtide/api/temporal/runs'
import type { FeedRun, FeedRuns } from '@backtide/api/temporal/feeds'
import { assignmentId, type CollectInput } from '@backtide/core/live'

/** Temporal's feeds in memory. */
export interface FakeFeeds extends FeedRuns {
  away: boolean
  hosts: boolean
  /** Ids that the list does not have yet. */
  readonly unlisted: Set<string>
  readonly runs: Map<string, FeedRun>
  readonly started: CollectInput[]
  readonly steered: { readonly id: string; readonly verb: string; readonly reason?: string }[]
}

export function createFakeFeeds(): FakeFeeds {
  const runs = new Map<string, FeedRun>()
  const fake: FakeFeeds = {
    away: false,
    hosts: true,
    unlisted: new Set(),
    runs,
    started: [],
    steered: [],
    start: async (input) => {
      await answer(undefined)
      const id = assignmentId(input.assignment)
      if (runs.has(id)) return 'exists'
      runs.set(id, { assignment: input.assignment })
      fake.started.push(input)
      return 'started'
    },
    list: () => answer([...runs].filter(([id]) => !fake.unlisted.has(id)).map(([, run]) => run)),
    find: (id) => answer(runs.get(id)),
    steer: async (id, verb, { reason }) => {
      await answer(undefined)
      if (!runs.has(id)) return false
      fake.steered.push({ id, verb, ...(reason !== undefined && { reason }) })
      return true
    },
    hasHosts: () => answer(fake.hosts),
  }
  async function answer<T>(value: T): Promise<T> {
    await Promise.resolve()
    if (fake.away) throw new TemporalUnavailableError('Temporal is away or too slow to answer.')
    return value
  }
  return fake
}
