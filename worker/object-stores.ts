import { createHttpObjectStore } from '@backtide/activities/objects/http/http-store'
import type { OnTrouble } from '@backtide/activities/objects/kept/spool'
import { TIMEOUTS } from '@backtide/activities/objects/reading/ranged-store'
import { measureStore } from '@backtide/activities/objects/measured-store'
import type { ActivityMetrics } from '@backtide/activities/metrics'
import type { ObjectStore } from '@backtide/activities/objects/object-store'
import { createAskHistory, type AskHistory } from '@backtide/activities/objects/rest/ask-history'
import { createRestObjectStore } from '@backtide/activities/objects/rest/rest-store'
import type { Turns } from '@backtide/activities/objects/rest/turns'
import { createS3ObjectStore } from '@backtide/activities/objects/s3/s3-store'
import type { S3Credentials } from '@backtide/activities/objects/s3/client'
import type { Mirror, Mirrors } from '@backtide/config/mirrors'
import type { SourceKeys } from '@backtide/config/source-keys'
import type { RestSource, Source } from '@backtide/datasets/dataset'
import { createKeeper, type RawPlace } from './keep-raw.ts'

/** How all sources are reached. */
export interface Reaching {
  readonly mirrors?: Mirrors
  readonly keepRaw?: RawPlace
  /** Told once when objects cannot be kept. */
  readonly onTrouble?: OnTrouble
  /** Where objects that two datasets want are kept for the second, unless all are kept anyway. */
  readonly share?: (source: string, objects: ObjectStore) => ObjectStore
  /** Another S3 endpoint than AWS's. */
  readonly endpoint?: string
  /** Instead of those the SDK finds. */
  readonly credentials?: S3Credentials
  /** Told of every answer that asks for fewer requests. */
  readonly onThrottle: () => void
  /** Of venues that ask for one. */
  readonly keys?: SourceKeys
  /** In front of histories behind requests. */
  readonly turns: Turns
  /** Where it is counted what sources send. */
  readonly metrics?: ActivityMetrics
}

/** One object store per source, made when it is first asked for. */
export function createObjectStores(reaching: Reaching): (source: Source) => ObjectStore {
  const stores = new Map<string, ObjectStore>()
  const { keepRaw, share, mirrors, endpoint, credentials, metrics, onTrouble = () => {} } = reaching
  const reached = { ...(endpoint && { endpoint }), ...(credentials && { credentials }) }
  const keep = keepRaw ? createKeeper(keepRaw, onlyOnce(onTrouble), reached) : share
  return (source) => {
    const { name } = source
    const known = stores.get(name)
    if (known) return known
    const archive = createStore(mirrors?.get(name) ?? source, reaching)
    const store = metrics ? measureStore(archive, name, metrics) : archive
    const keeping = keep ? keep(name, store) : store
    stores.set(name, keeping)
    return keeping
  }
}

/** Asks the venue of a source, or its mirror, as its object store does. */
export function createAskOf({
  mirrors,
  keys,
  turns,
  onThrottle,
}: Pick<Reaching, 'mirrors' | 'keys' | 'turns' | 'onThrottle'>): (
  source: RestSource,
) => AskHistory {
  return (source) => {
    const mirror = mirrors?.get(source.name)
    const reached = mirror?.kind === 'rest' ? mirror : source
    const key = keyOf(reached, keys)
    return createAskHistory({ source: reached, key, turns, timeouts: TIMEOUTS, onThrottle })
  }
}

/** Tells of the first trouble only. */
export function onlyOnce(tell: OnTrouble): OnTrouble {
  let told = false
  return (error) => {
    if (!told) tell(error)
    told = true
  }
}

function createStore(source: Mirror, reaching: Reaching): ObjectStore {
  switch (source.kind) {
    case 's3':
      return createS3ObjectStore(source, reaching)
    case 'http':
      return createHttpObjectStore(source, reaching)
    default:
      return createRestObjectStore(source, { ...reaching, key: keyOf(source, reaching.keys) })
  }
}

function keyOf({ key }: RestSource, keys: SourceKeys | undefined): string | undefined {
  return key && keys?.get(key.variable)
}
