import { partitionLength } from '@backtide/core/partition'
import type { Dataset } from '@backtide/datasets/dataset'
import { listLedger } from '@backtide/store/ledger/list-ledger'
import {
  readOwned,
  readOwnedByTimestamp,
  type OwnedRows,
  type Window,
} from '@backtide/store/owned-rows'
import type { QuestDb } from '@backtide/store/questdb'
import type { SharedSource } from '@backtide/store/shared-records'
import { expectedOf, findDifference, matches } from './compare-rows.ts'
import type { DecodedResult, ObjectTask } from './object-load.ts'
import { ledgerWindow } from './window.ts'

/** What reading back needs to know. */
export interface VerifyContext {
  readonly db: QuestDb
  readonly dataset: Dataset
  readonly signal: AbortSignal
}

/** What a read-back found out about an object. */
export interface Verdict {
  /** What is missing, different or too much; undefined when the table holds exactly its rows. */
  readonly mismatch?: string
}

/** Where rows of a dataset are, and how they are told apart. */
export function rowSource(dataset: Dataset): SharedSource {
  const { table, symbolColumn, constants, checksum, granularity, reachMs, record } = dataset
  const partitionMs = partitionLength(granularity)
  return { table: table.name, symbolColumn, constants, checksum, partitionMs, reachMs, record }
}

/**
 * Compares what the table holds of some objects with what they decoded to: one query for all of them,
 * and more only to say what is wrong.
 */
export async function verify(
  context: VerifyContext,
  objects: readonly DecodedResult[],
): Promise<ReadonlyMap<ObjectTask, Verdict>> {
  const found = byPartition(await readRowsOf(context, tasksOf(objects)))
  const verdicts = new Map<ObjectTask, Verdict>()
  for (const object of objects) {
    const { task } = object
    const rows = (found.get(task.partition) ?? []).filter((one) => isOf(context.dataset, task, one))
    verdicts.set(task, fits(object, rows) ? {} : await lookCloser(context, object, rows))
  }
  return verdicts
}

/** What the table holds of some objects. */
export async function readRowsOf(
  { db, dataset, signal }: VerifyContext,
  tasks: readonly ObjectTask[],
): Promise<readonly OwnedRows[]> {
  if (tasks.length === 0) return []
  const starts = tasks.map(({ partition }) => partition)
  const partitions = {
    from: Math.min(...starts),
    to: Math.max(...starts) + partitionLength(dataset.granularity),
  }
  const symbols = symbolsOf(dataset, tasks)
  return await readOwned(db, rowSource(dataset), { symbols, partitions }, signal)
}

/** Symbols of some objects; undefined where objects hold all there are. */
export function symbolsOf(
  dataset: Dataset,
  tasks: readonly ObjectTask[],
): readonly string[] | undefined {
  return dataset.symbols === 'all' ? undefined : [...new Set(tasks.map(({ symbol }) => symbol))]
}

/** Whether rows came from the object of a task. */
export function isOf(dataset: Dataset, task: ObjectTask, rows: OwnedRows): boolean {
  return (
    rows.partition === task.partition && (dataset.symbols === 'all' || rows.symbol === task.symbol)
  )
}

/**
 * Windows of the neighbouring objects of the same symbol that were loaded before rows said whose they
 * are: their rows in this partition look like its own.
 */
export async function legacyWindows(
  { db, dataset, signal }: VerifyContext,
  { partition, symbol }: ObjectTask,
): Promise<readonly Window[]> {
  const length = partitionLength(dataset.granularity)
  const range = { from: partition - length, to: partition + 2 * length }
  const rows = await listLedger(db, { dataset: dataset.id, symbols: [symbol], range }, signal)
  return rows
    .filter((row) => row.partition !== partition && row.check === undefined)
    .map(ledgerWindow)
    .filter((window) => window !== undefined)
}

function fits({ tally }: DecodedResult, rows: readonly OwnedRows[]): boolean {
  const left = new Map(rows.map((one) => [one.symbol, one]))
  const all = tally.expected.every((expected) => {
    const found = left.get(expected.symbol)
    left.delete(expected.symbol)
    return matches(expected, found)
  })
  return all && left.size === 0
}

async function lookCloser(
  context: VerifyContext,
  { task, tally }: DecodedResult,
  rows: readonly OwnedRows[],
): Promise<Verdict> {
  const { db, dataset, signal } = context
  // Where rows of one time were sent more than once, what is left there is not known.
  const tolerated = tally.disordered ? [EVER] : await legacyWindows(context, task)
  const symbols = new Set([
    ...tally.expected.map(({ symbol }) => symbol),
    ...rows.map(({ symbol }) => symbol),
  ])
  for (const symbol of symbols) {
    const owner = { symbol, partition: task.partition }
    const expected = expectedOf(tally, symbol)
    if (
      matches(
        expected,
        rows.find((one) => one.symbol === symbol),
      )
    )
      continue
    const found = await readOwnedByTimestamp(db, rowSource(dataset), owner, signal)
    const mismatch = findDifference(expected, found, tolerated)
    if (mismatch !== undefined) return { mismatch }
  }
  return {}
}

const EVER: Window = { from: Number.NEGATIVE_INFINITY, to: Number.POSITIVE_INFINITY }

function byPartition(rows: readonly OwnedRows[]): ReadonlyMap<number, readonly OwnedRows[]> {
  const groups = new Map<number, OwnedRows[]>()
  for (const row of rows) {
    const group = groups.get(row.partition) ?? []
    group.push(row)
    groups.set(row.partition, group)
  }
  return groups
}

function tasksOf(objects: readonly DecodedResult[]): readonly ObjectTask[] {
  return objects.map(({ task }) => task)
}
