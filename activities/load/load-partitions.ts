import type { LoadInput, LoadResult } from '@backtide/core/backfill'
import { partitionLength } from '@backtide/core/partition'
import type { StateCounts } from '@backtide/core/state'
import { once } from 'node:events'
import type { Dataset } from '@backtide/datasets/dataset'
import type { ObjectTally } from '@backtide/datasets/decoded-object'
import { writeLedger } from '@backtide/store/ledger/write-ledger'
import type { LedgerRow } from '@backtide/store/ledger/ledger-row'
import type { Store } from '@backtide/store/store'
import { assertApplying, waitApplied } from '@backtide/store/wait-applied'
import type { DecoderPool } from '../decode/decoder-pool.ts'
import type { FlowControl } from '../flow/flow-control.ts'
import type { ObjectStore } from '../objects/object-store.ts'
import { isFinal } from './fetch-object.ts'
import { ledgerRow, type RowContext } from './ledger-row.ts'
import type { DecodedResult, ObjectResult } from './object-load.ts'
import { planLoad, type PlannedPartition } from './plan-load.ts'
import { sendPartitions, type SendContext, type TransferLimits } from './send-partitions.ts'
import { verifyPartition } from './verify-load.ts'
import type { Verdict } from './verify-object.ts'

/** A database that takes longer to apply what it took is behind. */
const LAG_MS = 5_000

/** Partitions that are read back together: most of a query over one hour is not spent on rows. */
const VERIFIED_AT_ONCE = 4

/** What a load works with. */
export interface LoadContext {
  readonly store: Store
  readonly dataset: Dataset
  readonly objects: ObjectStore
  readonly pool: DecoderPool
  readonly limits: TransferLimits
  readonly flow: FlowControl
  /** UTC milliseconds. */
  readonly now: () => number
  readonly signal: AbortSignal
  /** Told where the load stands, for heartbeats. */
  readonly onProgress: (progress: LoadProgress) => void
  /** Told what each object held, also when it is decoded once more. */
  readonly onDecoded: (tally: ObjectTally) => void
}

export interface LoadProgress {
  readonly step: 'planning' | 'loading' | 'applying' | 'verifying' | 'recording'
  /** Start of the partition in work, UTC milliseconds. */
  readonly partition?: number
}

/**
 * Loads consecutive partitions of one day: ledger → fetch → decode → merge by time → send → wait
 * until applied → read back → ledger → wait until the ledger can be read. Killed anywhere before
 * its ledger rows are visible it is done again, with the same rows; afterwards it is skipped.
 */
export async function loadPartitions(context: LoadContext, input: LoadInput): Promise<LoadResult> {
  const { store, dataset } = context
  context.onProgress({ step: 'planning' })
  await store.ensureTables([dataset.table])
  const plan = await planLoad(store.db, dataset, input)
  const results = await sendAll(context, input, plan.partitions)
  const verdicts = await verifyAll(context, results)
  const settled = await sendDoubtful(context, input, plan.partitions, results, verdicts)
  const row = rowContext(context, input.backfillId)
  const rows = settled.map(([result, verdict]) => ledgerRow(row, result, verdict))
  context.onProgress({ step: 'recording' })
  context.signal.throwIfAborted()
  await writeLedger(store.db, rows, context.signal)
  return { counts: countStates(rows), rows: sumRows(rows), skipped: plan.skipped }
}

/** Sends everything and waits until it is in the table. */
async function sendAll(
  context: LoadContext,
  input: LoadInput,
  partitions: readonly PlannedPartition[],
): Promise<readonly ObjectResult[]> {
  if (partitions.length === 0) return []
  const { flow, store, dataset, signal } = context
  return await flow.run(async () => {
    // A suspended table would take the rows and not apply them: nothing is sent to it.
    await assertApplying(store.db, dataset.table.name, signal)
    const results = await sendPartitions(sendContext(context, input), partitions)
    for (const result of results) if (result.found === 'decoded') context.onDecoded(result.tally)
    context.onProgress({ step: 'applying' })
    if (results.some(({ found }) => found === 'decoded' || found === 'broken')) {
      await waitInTurn(context)
    }
    return results
  }, signal)
}

/** Waits until all is applied; a database that is behind makes the process do less at once. */
async function waitInTurn({ flow, store, dataset, signal }: LoadContext): Promise<void> {
  try {
    const applied = await waitApplied(store.db, dataset.table.name, { signal })
    if (applied.memoryPressure) flow.backOff('memory')
    else if (applied.waitedMs > LAG_MS) flow.backOff('lagging')
  } catch (error) {
    flow.backOff('lagging')
    throw error
  }
}

type Verdicts = ReadonlyMap<DecodedResult, Verdict>

async function verifyAll(
  context: LoadContext,
  results: readonly ObjectResult[],
): Promise<Verdicts> {
  const verify = { db: context.store.db, dataset: context.dataset }
  const verdicts = new Map<DecodedResult, Verdict>()
  const left = byPartition(results).entries()
  const verifyNext = async () => {
    for (const [partition, objects] of left) {
      context.signal.throwIfAborted()
      context.onProgress({ step: 'verifying', partition })
      for (const [object, verdict] of await verifyPartition(verify, objects)) {
        verdicts.set(object, verdict)
      }
    }
  }
  await Promise.all(Array.from({ length: VERIFIED_AT_ONCE }, verifyNext))
  return verdicts
}

/**
 * Objects whose rows differ, or that were less in order than the window was wide, are fetched, sent
 * and read back once more, with all the memory there is, before they are given up.
 */
async function sendDoubtful(
  context: LoadContext,
  input: LoadInput,
  partitions: readonly PlannedPartition[],
  results: readonly ObjectResult[],
  verdicts: Verdicts,
): Promise<readonly (readonly [ObjectResult, Verdict | undefined])[]> {
  const doubtful = new Set(
    [...verdicts]
      .filter(([{ tally }, { mismatch }]) => mismatch !== undefined || tally.disordered)
      .map(([{ task }]) => task),
  )
  if (doubtful.size === 0) return pair(results, verdicts)
  const again = partitions
    .map(({ start, tasks }) => ({ start, tasks: tasks.filter((task) => doubtful.has(task)) }))
    .filter(({ tasks }) => tasks.length > 0)
  const limits = { ...context.limits, reorderBytes: context.limits.rowBytes }
  const second = await sendAll({ ...context, limits }, input, again)
  const rest = results.filter(({ task }) => !doubtful.has(task))
  return [...pair(rest, verdicts), ...pair(second, await verifyAll(context, second))]
}

function pair(results: readonly ObjectResult[], verdicts: Verdicts) {
  return results.map((result) => {
    return [result, result.found === 'decoded' ? verdicts.get(result) : undefined] as const
  })
}

function sendContext(context: LoadContext, input: LoadInput): SendContext {
  const { dataset, objects, pool, limits, signal, store } = context
  return {
    dataset,
    objects,
    pool,
    limits,
    send: async (body, after) => {
      signal.throwIfAborted()
      await abortable(store.db.send(body, after), signal)
    },
    fetch: { forbiddenMeans: input.forbiddenMeans, bucket: dataset.source.bucket, signal },
    onPartition: (partition) => context.onProgress({ step: 'loading', partition }),
  }
}

/** A send cannot be called back; a cancelled load does not wait for it, and its rows do no harm. */
async function abortable(sending: Promise<void>, signal: AbortSignal): Promise<void> {
  const done = new AbortController()
  const aborted = once(signal, 'abort', { signal: done.signal }).catch(() => {})
  try {
    await Promise.race([sending, aborted])
    signal.throwIfAborted()
  } finally {
    done.abort()
  }
}

function rowContext({ dataset, now }: LoadContext, backfillId: string): RowContext {
  const at = now()
  const length = partitionLength(dataset.granularity)
  const final = (start: number) => isFinal(dataset, start + length, at)
  return { dataset, backfillId, now: at, isFinal: final }
}

function byPartition(
  results: readonly ObjectResult[],
): ReadonlyMap<number, readonly DecodedResult[]> {
  const groups = new Map<number, DecodedResult[]>()
  for (const result of results) {
    if (result.found !== 'decoded') continue
    const group = groups.get(result.task.partition) ?? []
    group.push(result)
    groups.set(result.task.partition, group)
  }
  return groups
}

function countStates(rows: readonly LedgerRow[]): StateCounts {
  const counts: Record<string, number> = {}
  for (const { state } of rows) counts[state] = (counts[state] ?? 0) + 1
  return counts
}

function sumRows(rows: readonly LedgerRow[]): number {
  return rows.reduce((sum, row) => sum + row.distinctRows, 0)
}
