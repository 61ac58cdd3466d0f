import { once } from 'node:events'
import type { Say } from './say.ts'

/** Somebody's wish that we stop. */
export interface StopSignal {
  /** Resolves at the first Ctrl-C, SIGTERM, hang-up, or when the parent that spawned us is gone. */
  readonly asked: Promise<undefined>
  /** Aborted then. */
  readonly signal: AbortSignal
  /** From now on signals do what they do without us. */
  ignore(): void
}

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const

// One Ctrl-C arrives several times: from the terminal, and passed on by npm.
const SAME_WISH_MS = 1_000

/** @param insist called when a second signal comes while we are still stopping */
export function listenForStop(say: Say, insist: () => Promise<void>): StopSignal {
  const wish = new AbortController()
  const asked = once(wish.signal, 'abort').then(() => undefined)
  let askedAt: number | undefined
  const ask = () => {
    if (askedAt === undefined) {
      askedAt = Date.now()
      say('Stopping … (Ctrl-C again kills)')
      wish.abort()
    } else if (Date.now() - askedAt > SAME_WISH_MS) {
      void insist()
    }
  }
  for (const signal of SIGNALS) process.on(signal, ask)
  process.on('disconnect', ask)
  return {
    asked,
    signal: wish.signal,
    ignore() {
      for (const signal of SIGNALS) process.off(signal, ask)
      process.off('disconnect', ask)
    },
  }
}
