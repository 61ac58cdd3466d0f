import type { Fence } from '@backtide/store/fence'

/** The right to write a day: granted by Temporal's answer to a heartbeat, and gone without a fresh one. */
export interface Lease extends Fence {
  /** Aborts when the lease is lost, with why. */
  readonly signal: AbortSignal
  /** Stops asking for it. */
  close(): void
}

/** Another attempt, or another backfill, may be writing: this one must not any more. */
export class LeaseLostError extends Error {
  override readonly name = 'LeaseLostError'
  /** What ended it; `cancelled` is asked for, everything else is Temporal's verdict on this attempt. */
  readonly verdict: LeaseVerdict

  constructor(verdict: LeaseVerdict, options?: ErrorOptions) {
    super(`The load may not write any more: it is ${verdict}`, options)
    this.verdict = verdict
  }
}

export type LeaseVerdict = 'cancelled' | 'gone' | 'paused' | 'reset'

export interface LeaseOptions {
  /**
   * Asks Temporal whether this attempt is still the one. Throws LeaseLostError when it is not; any
   * other error is no answer.
   */
  readonly ask: () => Promise<void>
  /** How often it is asked, milliseconds. */
  readonly everyMs: number
  /** How long an answer holds, counted from the moment it was asked for, milliseconds. */
  readonly holdsMs: number
  readonly clock?: Clock
}

/** Two clocks, in milliseconds: one may stand still while a machine sleeps, the other may be set back. */
export interface Clock {
  wall(): number
  monotonic(): number
}

/**
 * Begins to ask for a lease. It is open from the first answer on, and closed whenever the last answer
 * is too old: a process that was frozen finds it closed before it has sent a byte.
 */
export function createLease({ ask, everyMs, holdsMs, clock = CLOCK }: LeaseOptions): Lease {
  const lost = new AbortController()
  let heldFrom: { readonly wall: number; readonly monotonic: number } | undefined
  let waiting: (() => void)[] = []
  let asking = false

  const isOpen = () => {
    if (!heldFrom || lost.signal.aborted) return false
    const age = Math.max(clock.wall() - heldFrom.wall, clock.monotonic() - heldFrom.monotonic)
    return age < holdsMs
  }
  const wake = () => {
    for (const resume of waiting.splice(0)) resume()
  }
  const askOnce = async () => {
    if (asking || lost.signal.aborted) return
    asking = true
    const asked = { wall: clock.wall(), monotonic: clock.monotonic() }
    try {
      await ask()
      heldFrom = asked
      wake()
    } catch (error) {
      if (error instanceof LeaseLostError) lost.abort(error)
    } finally {
      asking = false
    }
  }
  const timer = setInterval(() => void askOnce(), everyMs)
  lost.signal.addEventListener('abort', () => {
    clearInterval(timer)
    wake()
  })
  void askOnce()

  return {
    signal: lost.signal,
    get isOpen() {
      return isOpen()
    },
    wait: async () => {
      while (!isOpen()) {
        lost.signal.throwIfAborted()
        void askOnce()
        await new Promise<void>((resolve) => waiting.push(resolve))
      }
    },
    close: () => {
      if (!lost.signal.aborted) lost.abort(new LeaseLostError('gone'))
      waiting = []
    },
  }
}

const CLOCK: Clock = { wall: Date.now, monotonic: () => performance.now() }
