import { setTimeout as delay } from 'node:timers/promises'
import { TOLD_EVERY_MS } from '@backtide/store/workers/worker-records'
import type { WorkerRecord } from '@backtide/store/workers/worker-record'
import type { Store } from '@backtide/store/store'
import type { CheckReadiness } from './readiness.ts'

/** Longest that a QuestDB which is silent holds up start and stop, in milliseconds. */
const PATIENCE_MS = 3_000

/**
 * Keeps the record of this worker, by which the API knows that it lives, and what it reaches. Resolves
 * when the first one is written, before anything is polled: who was never heard of could not be missed. A
 * QuestDB that is away hears of it when it is back.
 */
export async function keepRecord(
  store: Pick<Store, 'putWorker'>,
  self: Omit<WorkerRecord, 'sources'>,
  check: CheckReadiness,
): Promise<{ stop(): Promise<void> }> {
  await inTime(store.putWorker({ ...self, sources: [] }))
  let writing: Promise<void> | undefined
  const write = async () => {
    const { sources } = await check()
    await store.putWorker({ ...self, sources })
  }
  const tell = () => {
    writing ??= write()
      .catch(() => {})
      .finally(() => (writing = undefined))
  }
  tell()
  const timer = setInterval(tell, TOLD_EVERY_MS)
  timer.unref()
  return {
    stop: async () => {
      clearInterval(timer)
      const last = { ...self, roles: [], sources: [] }
      await inTime((writing ?? Promise.resolve()).then(() => store.putWorker(last)))
    },
  }
}

/** Waits for a write, however it ends, but not for long. */
async function inTime(write: Promise<void>): Promise<void> {
  await Promise.race([write.catch(() => {}), delay(PATIENCE_MS, undefined, { ref: false })])
}
