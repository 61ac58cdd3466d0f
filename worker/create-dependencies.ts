import type { ActivityDependencies } from '@backtide/activities/activities'
import { createDecoderPool, type DecoderPool } from '@backtide/activities/decode/decoder-pool'
import { createFlowControl } from '@backtide/activities/flow/flow-control'
import type { TransferLimits } from '@backtide/activities/load/transfer'
import type { ObjectStore } from '@backtide/activities/objects/object-store'
import { createS3ObjectStore } from '@backtide/activities/objects/s3/s3-store'
import type { Source } from '@backtide/datasets/dataset'
import { registry } from '@backtide/datasets/registry'
import { createStore } from '@backtide/store/store'
import type { Client } from '@temporalio/client'
import type { Config } from './config.ts'

/** Everything activities work with, made from the configuration; `decoder` is its bundle. */
export function createDependencies(
  config: Pick<Config, 'questdb' | 's3Endpoint' | 'memoryBytes' | 'loads' | 'threads'>,
  temporal: Client,
  decoder?: string,
): ActivityDependencies & { readonly pool: DecoderPool } {
  const flow = createFlowControl({ maximum: config.loads })
  return {
    store: createStore({ conf: config.questdb }),
    registry,
    objectsOf: objectStores(config.s3Endpoint, () => flow.backOff('throttled')),
    pool: createDecoderPool({ threads: config.threads, ...(decoder ? { file: decoder } : {}) }),
    flow,
    limits: transferLimits(config.memoryBytes / config.loads),
    temporal,
    now: Date.now,
  }
}

/** One client per source, made when it is first asked for. */
function objectStores(
  endpoint: string | undefined,
  onThrottle: () => void,
): (source: Source) => ObjectStore {
  const stores = new Map<string, ObjectStore>()
  return (source) => {
    const known = stores.get(source.name)
    if (known) return known
    if (source.kind !== 's3') throw new Error(`${source.name}: no adapter reads ${source.kind} yet`)
    const options = endpoint === undefined ? {} : { endpoint }
    const store = createS3ObjectStore(source, { ...options, onThrottle })
    stores.set(source.name, store)
    return store
  }
}

/**
 * Three bodies may exist at once; the rest is for rows on their way through order and merge. Half an
 * hour of BTC is 4 MiB: an archive that is less in order than that has not been seen.
 */
function transferLimits(bytes: number): TransferLimits {
  const bodyBytes = Math.min(6 * 1024 * 1024, Math.floor(bytes / 8))
  return {
    bodyBytes,
    rowBytes: Math.floor(bytes / 2),
    reorderBytes: 4 * 1024 * 1024,
    transactionBytes: 256 * 1024 * 1024,
  }
}
