import { setTimeout as sleep } from 'node:timers/promises'
import type { Rate } from '../venue.ts'

/** Lets things pass no faster than a venue allows, in the order they were asked for. */
export interface Pacer {
  /** @throws AbortError */
  take(signal?: AbortSignal): Promise<void>
}

export function createPacer({ count, everyMs }: Rate, steady: () => number): Pacer {
  const taken: number[] = []
  let last: Promise<unknown> = Promise.resolve()

  async function pass(signal?: AbortSignal): Promise<void> {
    const oldest = taken.length < count ? undefined : taken[0]
    if (oldest !== undefined) {
      const wait = oldest + everyMs - steady()
      // A timer may fire a little early.
      if (wait > 0) await sleep(Math.ceil(wait) + 1, undefined, { ...(signal && { signal }) })
      taken.shift()
    }
    signal?.throwIfAborted()
    taken.push(steady())
  }

  return {
    async take(signal) {
      const turn = last.then(() => pass(signal))
      last = turn.catch(() => undefined)
      await turn
    },
  }
}

/** The pacers of one address: what a venue counts by address is shared by all its connections. */
export interface AddressPacers {
  readonly connects: Pacer
  readonly snapshots: Pacer | undefined
  /** For the frames of one connection. */
  messages(): Pacer
}

export function createAddressPacers(
  limits: {
    readonly connects: Rate
    readonly messages: Rate & { readonly per: 'connection' | 'address' }
    readonly snapshots: Rate | undefined
  },
  steady: () => number,
): AddressPacers {
  const shared = createPacer(limits.messages, steady)
  return {
    connects: createPacer(limits.connects, steady),
    snapshots: limits.snapshots && createPacer(limits.snapshots, steady),
    messages: () =>
      limits.messages.per === 'address' ? shared : createPacer(limits.messages, steady),
  }
}
