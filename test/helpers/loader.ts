import type { LoadContext } from '@backtide/activities/load/context'
import { loadPartitions } from '@backtide/activities/load/load-partitions'
import type { TransferLimits } from '@backtide/activities/load/context'
import type { LoadInput, LoadResult } from '@backtide/core/backfill'
import type { Dataset } from '@backtide/datasets/dataset'
import { pickSourcesOf } from '@backtide/datasets/pick-sources'
import { ALWAYS_OPEN } from '@backtide/store/fence'
import type { Store } from '@backtide/store/store'
import { createDependencies } from '@backtide/worker/create-dependencies'
import { Client, Connection } from '@temporalio/client'
import type { Place } from './backtide.ts'

/** The loader as a worker has it, without workflows: for datasets that no registry knows. */
export interface Loader {
  readonly store: Store
  load(input: Omit<LoadInput, 'objects' | 'backfillId'>): Promise<LoadResult>
  [Symbol.asyncDispose](): Promise<void>
}

/** Opens a loader of a dataset whose objects read like those of a registered one. */
export function openLoader(
  place: Pick<Place, 'questdb' | 's3' | 'temporal'>,
  dataset: Dataset,
  readsLike: string,
  limits: Partial<TransferLimits> = {},
): Loader {
  process.env.AWS_ACCESS_KEY_ID = place.s3.accessKeyId
  process.env.AWS_SECRET_ACCESS_KEY = place.s3.secretAccessKey
  const config = {
    questdb: place.questdb,
    s3Endpoint: place.s3.endpoint,
    memoryBytes: 64 * 1024 * 1024,
    loads: 1,
    threads: 1,
  }
  const connection = Connection.lazy({ address: place.temporal })
  const deps = createDependencies(config, new Client({ connection }))
  const context: Omit<LoadContext, 'backfillId' | 'reprocess'> = {
    ...deps,
    limits: { ...deps.limits, ...limits },
    dataset,
    pickSources: pickSourcesOf([...deps.registry.all, dataset], dataset.table),
    objects: deps.objectsOf(dataset.source),
    // A thread looks the dataset up in the registry.
    pool: { ...deps.pool, decode: (object) => deps.pool.decode({ ...object, dataset: readsLike }) },
    signal: new AbortController().signal,
    fence: ALWAYS_OPEN,
    onProgress: () => {},
  }
  let backfills = 0
  return {
    store: deps.store,
    load: async (input) => {
      const backfillId = `backfill-${++backfills}`
      const { reprocess } = input
      return await loadPartitions(
        { ...context, backfillId, reprocess },
        { ...input, backfillId, objects: 96 },
      )
    },
    [Symbol.asyncDispose]: async () => {
      await deps.pool.close()
      await connection.close()
    },
  }
}
