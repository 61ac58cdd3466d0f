import { createBodySender } from '@backtide/activities/load/body-sender'
import type { ObjectResult, PlannedPartition } from '@backtide/activities/load/object'
import { wantedObjects } from '@backtide/activities/load/plan'
import { sendPartitions } from '@backtide/activities/load/transfer'
import { ALWAYS_OPEN } from '@backtide/store/fence'
import type { RowWrite } from '@backtide/store/row-write'
import type { DecoderPool } from '@backtide/activities/threads/decoder-pool'
import type { ObjectStore } from '@backtide/activities/objects/object-store'
import { partitionsOf } from '@backtide/core/partition'
import type { Dataset } from '@backtide/datasets/dataset'
import { readConfig } from '@backtide/worker/config'
import { collectLessOften, createDependencies } from '@backtide/worker/create-dependencies'
import { Client, Connection } from '@temporalio/client'
import type { Input } from './input/archive.ts'
import type { Place } from './place.ts'

/** Backtide's own load path in this process: made as a worker makes it, with a worker's defaults. */
export interface LoadPath {
  readonly pool: DecoderPool
  readonly threads: number
  objectsOf(dataset: Dataset): ObjectStore
  /**
   * Fetches, decodes, merges and sends an input: no workflow, no verification, no ledger. Resolves
   * when all of it was committed to what `open` gives, transactions of QuestDB without it.
   * @throws Error when an object was not loaded whole
   */
  load(dataset: Dataset, input: Wanted, open?: () => RowWrite): Promise<void>
  close(): Promise<void>
}

/** Of an input what its objects are planned by. */
type Wanted = Pick<Input, 'coins' | 'range'>

/** Opens a load path to the servers of a place. */
export function openLoadPath(place: Place): LoadPath {
  collectLessOften()
  // The S3 client looks for credentials where a worker's does.
  Object.assign(process.env, credentials(place.env))
  const config = readConfig(place.env)
  const connection = Connection.lazy({ address: place.temporal.address })
  const deps = createDependencies(config, new Client({ connection }))
  const { pool, limits, store } = deps
  const objectsOf = (dataset: Dataset) => deps.objectsOf(dataset.source)
  const toQuestDb = () => store.db.openWrite()
  const load: LoadPath['load'] = async (dataset, input, open = toQuestDb) => {
    const { bodyBytes } = limits
    const fetch = {
      witnesses: () => Promise.resolve([]),
      signal: new AbortController().signal,
      current: false,
    }
    const way = {
      sender: createBodySender({ open, fence: ALWAYS_OPEN, bodyBytes, commitBytes: 0 }),
      enoughBytes: Number.POSITIVE_INFINITY,
      beforeRows: () => Promise.resolve(),
    }
    const context = { dataset, objects: objectsOf(dataset), pool, limits, fetch }
    const sent = await sendPartitions(context, partitionsIn(dataset, input), way)
    const results = sent.flatMap((partition) => partition.results)
    const faults = results.flatMap((result) => faultOf(result) ?? [])
    if (faults.length > 0) throw new Error(`Not loaded whole: ${faults.slice(0, 3).join('; ')}`)
  }
  return { pool, threads: config.threads, objectsOf, load, close: () => pool.close() }
}

function faultOf(result: ObjectResult): string | undefined {
  const { key } = result.task
  if (result.found === 'broken' || result.found === 'refused') return `${key}: ${result.reason}`
  if (result.found !== 'decoded') return `${key} is ${result.found}`
  const rejected = Object.keys(result.tally.rejected)
  return rejected.length > 0 ? `${key}: ${rejected.join(', ')}` : undefined
}

/** What an empty ledger plans. */
function partitionsIn(dataset: Dataset, { coins, range }: Wanted): PlannedPartition[] {
  const all = wantedObjects(dataset, coins, range)
  return partitionsOf(range, dataset.granularity).map((start) => ({
    start,
    tasks: all.filter(({ partition }) => partition === start),
  }))
}

function credentials(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(env).filter(([name]) => name.startsWith('AWS_')))
}
