/** Places of which a changing number may be taken at once; who waits is served in order. */
export interface Places {
  /** Waits for a place. @throws the reason of the signal when that comes first */
  enter(signal: AbortSignal): Promise<void>
  leave(): void
  readonly running: number
  readonly waiting: number
}

/** Creates places; `limit` is asked whenever one could be given. */
export function createPlaces(limit: () => number): Places {
  const queue: (() => void)[] = []
  let running = 0

  const admit = () => {
    while (running < limit() && queue.length > 0) {
      running += 1
      queue.shift()?.()
    }
  }
  return {
    enter: async (signal) => {
      signal.throwIfAborted()
      await new Promise<void>((resolve, reject) => {
        const abandon = () => {
          queue.splice(queue.indexOf(take), 1)
          reject(signal.reason as Error)
        }
        const take = () => {
          signal.removeEventListener('abort', abandon)
          resolve()
        }
        signal.addEventListener('abort', abandon, { once: true })
        queue.push(take)
        admit()
      })
    },
    leave: () => {
      running -= 1
      admit()
    },
    get running() {
      return running
    },
    get waiting() {
      return queue.length
    },
  }
}
