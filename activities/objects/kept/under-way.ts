import { setTimeout as pause } from 'node:timers/promises'

/** Objects that are being fetched and kept by this process. */
export interface UnderWay {
  /** Says that an object is being fetched, before the archive is asked. */
  begin(key: string): Fetch
  /**
   * Waits while somebody fetches an object and its bytes move; false when they stopped to. Rejects with
   * the reason of the signal.
   */
  wait(key: string, signal: AbortSignal | undefined): Promise<boolean>
  /** Whether somebody fetches an object now. */
  isBusy(key: string): boolean
}

export interface Fetch {
  /** Bytes that passed so far. */
  moved: number
  /** It is kept, or given up. Harmless when it ended before. */
  end(): void
}

/** Creates the book of one source. Who waits gives up after `patienceMs` without a byte. */
export function createUnderWay(patienceMs: number): UnderWay {
  const fetches = new Map<string, Fetch & { readonly ended: AbortSignal }>()
  return {
    begin: (key) => {
      const over = new AbortController()
      const fetch = {
        moved: 0,
        ended: over.signal,
        end: () => {
          if (fetches.get(key) === fetch) fetches.delete(key)
          over.abort()
        },
      }
      fetches.set(key, fetch)
      return fetch
    },
    wait: async (key, signal) => {
      for (let fetch = fetches.get(key); fetch; fetch = fetches.get(key)) {
        const before = fetch.moved
        const either = signal ? AbortSignal.any([signal, fetch.ended]) : fetch.ended
        await pause(patienceMs, undefined, { signal: either }).catch(() => {})
        signal?.throwIfAborted()
        // Who fetches it may be waiting for what is opened here.
        if (fetches.get(key) === fetch && fetch.moved === before) return false
      }
      return true
    },
    isBusy: (key) => fetches.has(key),
  }
}
