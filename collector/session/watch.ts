import type { Rhythm } from '../venue.ts'

/**
 * Which streams should have brought something and did not. Each is judged by itself: others on the
 * same connection prove nothing. Times are milliseconds of a clock that only goes forward.
 */
export interface Watch {
  data(stream: string, now: number): void
  /** Asked, nothing had happened: it may be quiet for as long again. */
  quiet(stream: string, now: number): void
  /** Streams that are overdue; each is told again only after twice as long. */
  overdue(now: number): readonly Overdue[]
}

export interface Overdue {
  readonly stream: string
  readonly what: 'no_first_data' | 'silent'
}

interface Entry {
  readonly rhythm: Rhythm
  hasData: boolean
  since: number
  /** How many times as long it is waited. */
  patience: number
}

const MOST_PATIENCE = 64

export function createWatch(
  streams: readonly { readonly name: string; readonly rhythm: Rhythm }[],
  now: number,
): Watch {
  const entries = new Map<string, Entry>(
    streams.map(({ name, rhythm }) => [name, { rhythm, hasData: false, since: now, patience: 1 }]),
  )

  function judge(stream: string, entry: Entry, at: number): readonly Overdue[] {
    const { firstDataMs, silentMs } = entry.rhythm
    const limit = entry.hasData ? silentMs : firstDataMs
    if (limit === undefined || at - entry.since < limit * entry.patience) return []
    entry.since = at
    entry.patience = Math.min(MOST_PATIENCE, entry.patience * 2)
    return [{ stream, what: entry.hasData ? 'silent' : 'no_first_data' }]
  }

  return {
    data(stream, at) {
      const entry = entries.get(stream)
      if (entry) Object.assign(entry, { hasData: true, since: at, patience: 1 })
    },
    quiet(stream, at) {
      const entry = entries.get(stream)
      if (entry) entry.since = at
    },
    overdue: (at) => [...entries].flatMap(([stream, entry]) => judge(stream, entry, at)),
  }
}
