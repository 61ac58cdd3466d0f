import { createHttpObjectStore } from '@backtide/activities/objects/http/http-store'
import type { ObjectStore } from '@backtide/activities/objects/object-store'
import { createS3ObjectStore } from '@backtide/activities/objects/s3/s3-store'
import type { Source } from '@backtide/datasets/dataset'
import type { Mirror, Mirrors } from './mirrors.ts'

/** How all sources are reached. */
export interface Reaching {
  readonly mirrors?: Mirrors
  /** Another S3 endpoint than AWS's. */
  readonly endpoint?: string
  /** Told of every answer that asks for fewer requests. */
  readonly onThrottle: () => void
}

/** One object store per source, made when it is first asked for. */
export function createObjectStores(reaching: Reaching): (source: Source) => ObjectStore {
  const stores = new Map<string, ObjectStore>()
  return (source) => {
    const store =
      stores.get(source.name) ?? createStore(reaching.mirrors?.get(source.name) ?? source, reaching)
    stores.set(source.name, store)
    return store
  }
}

function createStore(source: Mirror, reaching: Reaching): ObjectStore {
  return source.kind === 's3'
    ? createS3ObjectStore(source, reaching)
    : createHttpObjectStore(source, reaching)
}
