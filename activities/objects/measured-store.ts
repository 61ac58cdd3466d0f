import type { ActivityMetrics } from '../metrics.ts'
import type { FoundObject, ObjectStore } from './object-store.ts'

/** The same object store, counting what it reads from a source and how long that is waited for. */
export function measureStore(
  store: ObjectStore,
  source: string,
  metrics: Pick<ActivityMetrics, 'fetchedBytes' | 'fetchSeconds'>,
): ObjectStore {
  return {
    checkAccess: (keys, options) => store.checkAccess(keys, options),
    list: (prefix, options) => store.list(prefix, options),
    listPage: async (request) => await store.listPage?.(request),
    open: async (key, options) => {
      const since = performance.now()
      const opened = await store.open(key, options)
      if (opened.state !== 'found') return opened
      const waited = performance.now() - since
      return { ...opened, body: measureBody(opened, waited, source, metrics) }
    },
  }
}

/** What the reader does between two pieces is not the source's time. */
async function* measureBody(
  { body }: FoundObject,
  openedMs: number,
  source: string,
  { fetchedBytes, fetchSeconds }: Pick<ActivityMetrics, 'fetchedBytes' | 'fetchSeconds'>,
): AsyncGenerator<Uint8Array> {
  let waitedMs = openedMs
  let since = performance.now()
  for await (const bytes of body) {
    waitedMs += performance.now() - since
    fetchedBytes.inc({ source }, bytes.length)
    yield bytes
    since = performance.now()
  }
  fetchSeconds.observe({ source }, waitedMs / 1000)
}
