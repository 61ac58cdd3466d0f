import { partitionLength } from '@backtide/core/partition'
import type { Dataset } from '@backtide/datasets/dataset'
import { listLedger } from '@backtide/store/ledger/list-ledger'
import { readOwned, readOwnedByTimestamp, type OwnedRows } from '@backtide/store/owned-rows'
import type { Window } from '@backtide/store/row-source'
import type { SharedSource } from '@backtide/store/shared-records'
import { expectedOf, findDifference, matches } from './compare-rows.ts'
import type { LoadContext } from './context.ts'
import { ledgerWindow } from './ledger-row.ts'
import type {
  DecodedObject,
  LoadedPartition,
  ObjectTask,
  Verdict,
  VerifiedResult,
} from './object.ts'

/**
 * Compares what the table holds of the objects of some partitions with what they decoded to: one query
 * for all of them, and more only to say what is wrong.
 */
export async function verify(
  context: LoadContext,
  partitions: readonly LoadedPartition[],
): Promise<readonly LoadedPartition<VerifiedResult>[]> {
  if (partitions.length === 0) return []
  context.onProgress({ step: 'verifying' })
  const dataset = context.dataset.id
  const done = context.metrics.verifySeconds.startTimer({ dataset })
  const decoded = partitions.flatMap(({ results }) =>
    results.flatMap((result) => (result.found === 'decoded' ? result.task : [])),
  )
  const rowsOf = await readRowsOf(context, decoded)
  const verified: LoadedPartition<VerifiedResult>[] = []
  for (const partition of partitions) {
    verified.push(await verifyPartition(context, partition, rowsOf))
  }
  done()
  return verified
}

/** The rows that the table holds of an object, by series. */
export type FindRows = (task: ObjectTask) => readonly OwnedRows[]

/** Reads what the table holds of some objects, in one query. */
export async function readRowsOf(
  { store, dataset, signal }: LoadContext,
  tasks: readonly ObjectTask[],
): Promise<FindRows> {
  if (tasks.length === 0) return () => []
  const starts = tasks.map(({ partition }) => partition)
  const partitions = {
    from: Math.min(...starts),
    to: Math.max(...starts) + partitionLength(dataset.granularity),
  }
  const series = seriesOf(dataset, tasks)
  const rows = await readOwned(store.db, rowSource(dataset), { series, partitions }, signal)
  const found = new Map<string, OwnedRows[]>()
  for (const row of rows) {
    const owner = ownerOf(dataset, row)
    const known = found.get(owner)
    if (known) known.push(row)
    else found.set(owner, [row])
  }
  return (task) => found.get(ownerOf(dataset, task)) ?? []
}

/** What rows of one object have in common. */
function ownerOf(
  { symbols }: Dataset,
  { partition, part, series }: Pick<OwnedRows, 'partition' | 'part' | 'series'>,
): string {
  return symbols === 'all' ? `${partition} ${part}` : `${partition} ${part} ${series}`
}

/** Where rows of a dataset are, and how they are told apart. */
export function rowSource(dataset: Dataset): SharedSource {
  const { table, symbolColumn, intervals, constants, checksum, reachMs, record } = dataset
  return {
    table: table.name,
    seriesColumns: intervals ? [symbolColumn, 'interval'] : [symbolColumn],
    constants,
    checksum,
    partitionMs: partitionLength(dataset.granularity),
    reachMs,
    record,
  }
}

/** Series of some objects; undefined where objects hold all there are. */
export function seriesOf(
  dataset: Dataset,
  tasks: readonly ObjectTask[],
): readonly string[] | undefined {
  return dataset.symbols === 'all' ? undefined : [...new Set(tasks.map(({ series }) => series))]
}

/**
 * Windows of the neighbouring objects of the same series that were loaded before rows said whose they
 * are: their rows in this partition look like its own.
 */
export async function legacyWindows(
  { store, dataset, signal }: LoadContext,
  { partition, series }: ObjectTask,
): Promise<readonly Window[]> {
  const length = partitionLength(dataset.granularity)
  const range = { from: partition - length, to: partition + 2 * length }
  const scope = { dataset: dataset.id, symbols: [series], range }
  const rows = await listLedger(store.db, scope, signal)
  return rows
    .filter((row) => row.partition !== partition && row.check === undefined)
    .map(ledgerWindow)
    .filter((window) => window !== undefined)
}

async function verifyPartition(
  context: LoadContext,
  { start, results }: LoadedPartition,
  rowsOf: FindRows,
): Promise<LoadedPartition<VerifiedResult>> {
  const verified: VerifiedResult[] = []
  for (const result of results) {
    if (result.found !== 'decoded') {
      verified.push(result)
      continue
    }
    const verdict = await compare(context, result, rowsOf(result.task))
    const outcome = verdict.mismatch === undefined ? 'match' : 'mismatch'
    context.metrics.verifications.inc({ dataset: context.dataset.id, outcome })
    verified.push({ ...result, verdict })
  }
  return { start, results: verified }
}

async function compare(
  context: LoadContext,
  object: DecodedObject,
  rows: readonly OwnedRows[],
): Promise<Verdict> {
  return fits(object, rows) ? {} : await lookCloser(context, object, rows)
}

function fits({ tally }: DecodedObject, rows: readonly OwnedRows[]): boolean {
  const left = new Map(rows.map((one) => [one.series, one]))
  const all = tally.expected.every((expected) => {
    const found = left.get(expected.symbol)
    left.delete(expected.symbol)
    return matches(expected, found)
  })
  return all && left.size === 0
}

async function lookCloser(
  context: LoadContext,
  { task, tally }: DecodedObject,
  rows: readonly OwnedRows[],
): Promise<Verdict> {
  const { store, dataset, signal } = context
  // Where rows of one time were sent more than once, what is left there is not known.
  const tolerated = tally.disordered ? [EVER] : await legacyWindows(context, task)
  const found = new Map(rows.map((one) => [one.series, one]))
  const all = new Set([...tally.expected.map(({ symbol }) => symbol), ...found.keys()])
  for (const series of all) {
    const expected = expectedOf(tally, series)
    if (matches(expected, found.get(series))) continue
    const owner = { series, partition: task.partition, part: task.part }
    const times = await readOwnedByTimestamp(store.db, rowSource(dataset), owner, signal)
    const mismatch = findDifference(expected, times, tolerated)
    if (mismatch !== undefined) return { mismatch }
  }
  return {}
}

const EVER: Window = { from: Number.NEGATIVE_INFINITY, to: Number.POSITIVE_INFINITY }
