import { createPlaces } from './places.ts'

/** Decides how many loads of a process move bytes at once. */
export interface FlowControl {
  /**
   * Runs a body once there is a place for it, in the order asked.
   * @throws the reason of the signal when that comes first
   */
  run<T>(body: () => Promise<T>, signal: AbortSignal): Promise<T>
  /** The archive asked to slow down, or the database is behind: fewer at once. */
  backOff(cause: BackOffCause): void
  readonly state: FlowState
}

export type BackOffCause = 'throttled' | 'lagging' | 'memory'

export interface FlowState {
  readonly limit: number
  readonly maximum: number
  readonly running: number
  readonly waiting: number
  /** How often each cause made it back off. */
  readonly backOffs: Readonly<Record<BackOffCause, number>>
}

/** One overload is reported many times; it counts once in this long. */
const COOL_DOWN_MS = 2_000

/**
 * Additive increase, multiplicative decrease, as TCP does it: every overload halves the limit, every
 * body that ends in peace adds a share of one, so that a whole round of them adds one.
 */
export function createFlowControl(options: {
  readonly maximum: number
  /** UTC milliseconds. */
  readonly now?: () => number
}): FlowControl {
  const { maximum, now = Date.now } = options
  const backOffs = { throttled: 0, lagging: 0, memory: 0 }
  let limit = maximum
  let calmSince = Number.NEGATIVE_INFINITY
  const places = createPlaces(() => Math.floor(limit))

  return {
    run: async (body, signal) => {
      await places.enter(signal)
      const startedAt = now()
      try {
        return await body()
      } finally {
        if (startedAt >= calmSince) limit = Math.min(maximum, limit + 1 / limit)
        places.leave()
      }
    },
    backOff: (cause) => {
      if (now() - calmSince < COOL_DOWN_MS) return
      calmSince = now()
      backOffs[cause] += 1
      limit = Math.max(1, Math.floor(limit) / 2)
    },
    get state() {
      const { running, waiting } = places
      return { limit: Math.floor(limit), maximum, running, waiting, backOffs: { ...backOffs } }
    },
  }
}
