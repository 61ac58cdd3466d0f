import type { ObjectStore } from '@backtide/activities/objects/object-store'

/** What was asked of an archive. */
export interface Requests {
  /** Keys that were opened, in order, with what came of it. */
  readonly opened: { readonly key: string; readonly state: string }[]
  /** Keys of which at least one byte was read. */
  readonly bodies: string[]
}

/** An object store that counts what it is asked. */
export function countRequests(store: ObjectStore, requests: Requests): ObjectStore {
  return {
    checkAccess: (keys, options) => store.checkAccess(keys, options),
    list: (prefix, options) => store.list(prefix, options),
    ...(store.keptCopy && {
      keptCopy: (key) => store.keptCopy?.(key) ?? Promise.resolve(undefined),
    }),
    listPage: async (request) => await store.listPage?.(request),
    open: async (key, options) => {
      const opened = await store.open(key, options)
      requests.opened.push({ key, state: opened.state })
      if (opened.state !== 'found') return opened
      return { ...opened, body: counted(opened.body, () => requests.bodies.push(key)) }
    },
  }
}

async function* counted(body: AsyncIterable<Uint8Array>, onFirst: () => void) {
  let first = true
  for await (const bytes of body) {
    if (first) onFirst()
    first = false
    yield bytes
  }
}
