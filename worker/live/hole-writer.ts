import { backoffMs } from '@backtide/collector/session/backoff'
import type { FoundHole, Hole } from '@backtide/core/hole'
import type { Store } from '@backtide/store/store'
import { setTimeout as sleep } from 'node:timers/promises'

/** Brings holes into QuestDB, in the order they were told; while it is away they wait. */
export interface HoleWriter {
  /** A hole that a server found, or what became of it. */
  put(server: string, hole: Hole): void
  /** Tries once more to write what waits, for some seconds. */
  close(): Promise<void>
}

export interface HoleWriterOptions {
  readonly store: Pick<Store, 'putHoles'>
  readonly onTrouble: (error: unknown) => void
}

const BACKOFF = { firstMs: 500, mostMs: 30_000 }
const MOST_AT_ONCE = 500
const LAST_MS = 3_000

export function createHoleWriter({ store, onTrouble }: HoleWriterOptions): HoleWriter {
  /** The last that was said of each: so many as there are holes, however long QuestDB is away. */
  const waiting = new Map<string, FoundHole>()
  const closing = new AbortController()
  let writing: Promise<void> | undefined

  async function write(): Promise<void> {
    for (let failures = 0; waiting.size > 0;) {
      const some = [...waiting].slice(0, MOST_AT_ONCE)
      try {
        await store.putHoles(some.map(([, told]) => told))
        failures = 0
        for (const [key, told] of some) if (waiting.get(key) === told) waiting.delete(key)
      } catch (error) {
        if (closing.signal.aborted) return
        if (failures === 0) onTrouble(error)
        const { signal } = closing
        await sleep(backoffMs(BACKOFF, ++failures), undefined, { signal }).catch(() => undefined)
      }
    }
  }

  function wake(): void {
    writing ??= write().finally(() => {
      writing = undefined
      if (waiting.size > 0 && !closing.signal.aborted) wake()
    })
  }

  return {
    put(server, hole) {
      const key = `${server}/${hole.id}`
      waiting.delete(key)
      waiting.set(key, { ...hole, server })
      wake()
    },
    async close() {
      closing.abort()
      await Promise.race([writing, sleep(LAST_MS, undefined, { ref: false })])
    },
  }
}
