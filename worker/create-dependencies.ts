import { setFlagsFromString } from 'node:v8'
import type { ActivityDependencies } from '@backtide/activities/activities'
import { createDecoderPool, type DecoderPool } from '@backtide/activities/threads/decoder-pool'
import { createTurns } from '@backtide/activities/objects/rest/turns'
import { createActivityMetrics, type ActivityMetrics } from '@backtide/activities/metrics'
import { createPurse } from '@backtide/activities/spending/purse'
import { createFlowControl } from '@backtide/activities/flow/flow-control'
import type { TransferLimits } from '@backtide/activities/load/context'
import { ratesOf, type Rates } from '@backtide/core/prices'
import { registry } from '@backtide/datasets/registry'
import { putSpending } from '@backtide/store/spending/spending'
import { createStore, type Store } from '@backtide/store/store'
import type { Client } from '@temporalio/client'
import type { Config } from './config.ts'
import { createAskOf, createObjectStores, onlyOnce } from './object-stores.ts'
import { lookAround } from './look-around.ts'
import { createSharer, type Scratch } from './sharing.ts'
import { IDENTITY } from './status.ts'

export interface ProcessParts {
  /** Bundle of the decoder. */
  readonly decoder?: string
  /** Where objects are kept that two datasets want together. */
  readonly scratch?: Scratch
  /** Writes to the log of the process. */
  readonly warn?: (message: string) => void
}

/** Everything activities work with, made from the configuration. */
export function createDependencies(
  config: Pick<Config, 'questdb' | 's3Endpoint' | 'memoryBytes' | 'loads' | 'threads'> &
    Partial<
      Pick<Config, 's3Credentials' | 'mirrors' | 'keepRaw' | 'sourceKeys' | 'prices' | 'monthlyUsd'>
    >,
  temporal: Client,
  { decoder, scratch, warn }: ProcessParts = {},
): ActivityDependencies & { readonly pool: DecoderPool } {
  const flow = createFlowControl({ maximum: config.loads })
  const store = createStore({ conf: config.questdb })
  const onTrouble = onlyOnce((error) => warn?.(`Objects are not kept: ${String(error)}`))
  const metrics = createActivityMetrics()
  const onThrottle = () => flow.backOff('throttled')
  const turns = createTurns(temporal)
  const { mirrors, sourceKeys: keys } = config
  return {
    store,
    registry,
    objectsOf: createObjectStores({
      ...(mirrors && { mirrors }),
      ...(keys && { keys }),
      ...(config.keepRaw === undefined ? {} : { keepRaw: config.keepRaw }),
      ...(scratch && {
        share: createSharer(scratch, { store, datasets: registry.all, onTrouble }),
      }),
      onTrouble,
      ...(config.s3Endpoint === undefined ? {} : { endpoint: config.s3Endpoint }),
      ...(config.s3Credentials === undefined ? {} : { credentials: config.s3Credentials }),
      onThrottle,
      turns,
      metrics,
    }),
    askOf: createAskOf({ ...(mirrors && { mirrors }), ...(keys && { keys }), turns, onThrottle }),
    pool: createDecoderPool({
      threads: config.threads,
      ...(decoder ? { file: decoder } : {}),
      onDecoded: (dataset, ms) => metrics.decodeSeconds.observe({ dataset }, ms / 1000),
    }),
    flow,
    purse: purseOf(config, store, metrics),
    limits: transferLimits(config.memoryBytes / config.loads),
    temporal,
    metrics,
    lookAround: () => lookAround(config),
    now: Date.now,
  }
}

function purseOf(
  { mirrors, prices, monthlyUsd, s3Endpoint: endpoint }: Parameters<typeof createDependencies>[0],
  store: Store,
  metrics: ActivityMetrics,
) {
  return createPurse({
    ratesOf: (source): Rates | undefined =>
      ratesOf(mirrors?.get(source.name) ?? source, { endpoint, prices }),
    monthlyUsd,
    worker: IDENTITY,
    put: async (note) => {
      await store.ensureTables([])
      await putSpending(store.db, note)
    },
    spentIn: (range) => store.spentIn(range),
    spentFor: (ids) => store.spentFor(ids),
    onSpent: (source, usd) => metrics.spentUsd.inc({ source }, usd),
    now: Date.now,
  })
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

/**
 * Lets V8 collect less often. It counts what arrives from S3, memory outside of its heap, as growth
 * of the heap: with a heap as small as ours it would mark all of it for every few megabytes that are
 * fetched, a fifth of all processor time (docs/performance.md). Costs as much memory as the live heap.
 */
export function collectLessOften(): void {
  setFlagsFromString('--heap-growing-percent=100')
}
