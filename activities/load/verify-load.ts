import { partitionLength } from '@backtide/core/partition'
import type { Dataset } from '@backtide/datasets/dataset'
import { versionAt } from '@backtide/datasets/format-at'
import type { SymbolRows } from '@backtide/datasets/decoded-object'
import { listLedger } from '@backtide/store/ledger/list-ledger'
import type { QuestDb } from '@backtide/store/questdb'
import {
  readBack,
  readBackByTimestamp,
  type FoundRows,
  type Window,
} from '@backtide/store/read-back'
import type { DecodedResult } from './object-load.ts'
import {
  addVerdicts,
  compareByTimestamp,
  matches,
  VERIFIED,
  type Surplus,
  type Verdict,
} from './verify-object.ts'
import { ledgerWindow, union, windowOf } from './window.ts'

/** What reading back needs to know. */
export interface VerifyContext {
  readonly db: QuestDb
  readonly dataset: Dataset
}

/**
 * Reads back the objects of one partition: one query for all of them, and more only for objects
 * whose window holds other rows too, that differ, or that replace an earlier version.
 */
export async function verifyPartition(
  context: VerifyContext,
  objects: readonly DecodedResult[],
): Promise<ReadonlyMap<DecodedResult, Verdict>> {
  const found = await readWholeWindow(context, objects)
  const verdicts = new Map<DecodedResult, Verdict>()
  for (const object of objects) {
    const replaced = replacesRows(object, versionAt(context.dataset, object.task.partition))
    const plain =
      !replaced && object.tally.expected.every((rows) => matches(rows, found.get(rows.symbol)))
    verdicts.set(object, plain ? VERIFIED : await lookCloser(context, object, replaced))
  }
  return verdicts
}

async function readWholeWindow(
  { db, dataset }: VerifyContext,
  objects: readonly DecodedResult[],
): Promise<ReadonlyMap<string, FoundRows>> {
  const expected = objects.flatMap(({ tally }) => tally.expected).filter(({ ts }) => ts.length > 0)
  const window = windowOf(expected)
  if (!window) return new Map()
  const symbols = expected.map(({ symbol }) => symbol)
  const rows = await readBack(db, target(dataset), symbols, window)
  return new Map(rows.map((row) => [row.symbol, row]))
}

async function lookCloser(
  context: VerifyContext,
  object: DecodedResult,
  replaced: boolean,
): Promise<Verdict> {
  const before = replaced ? ledgerWindow(object.task.before) : undefined
  const neighbours = replaced ? await neighbourWindows(context, object) : []
  const { ownsTimestamp } = context.dataset
  let verdict = VERIFIED
  for (const rows of await withVanished(context, object, before)) {
    const one = await verifySymbol(context, rows, before, { replaced, neighbours, ownsTimestamp })
    verdict = addVerdicts(verdict, one)
  }
  return verdict
}

async function verifySymbol(
  { db, dataset }: VerifyContext,
  expected: SymbolRows,
  before: Window | undefined,
  surplus: Surplus,
): Promise<Verdict> {
  const window = union(windowOf([expected]), before)
  if (!window) return VERIFIED
  const found = await readBackByTimestamp(db, target(dataset), expected.symbol, window)
  return compareByTimestamp(expected, found, surplus)
}

/** Symbols of an object, with those that only its earlier version had: all their rows are ghosts. */
async function withVanished(
  { db, dataset }: VerifyContext,
  { tally, task }: DecodedResult,
  before: Window | undefined,
): Promise<readonly SymbolRows[]> {
  if (!before) return tally.expected
  const known = new Set(tally.expected.map(({ symbol }) => symbol))
  const there =
    dataset.symbols === 'named'
      ? [{ symbol: task.symbol }]
      : await readBack(db, target(dataset), undefined, before)
  const vanished = there.filter(({ symbol }) => !known.has(symbol))
  return [...tally.expected, ...vanished.map(({ symbol }) => noRows(symbol))]
}

/** Windows of the neighbouring partitions' objects of the same symbol, from the ledger. */
async function neighbourWindows(
  { db, dataset }: VerifyContext,
  { task }: DecodedResult,
): Promise<readonly Window[]> {
  const length = partitionLength(dataset.granularity)
  const range = { from: task.partition - length, to: task.partition + 2 * length }
  const rows = await listLedger(db, { dataset: dataset.id, symbols: [task.symbol], range })
  return rows
    .filter(({ partition }) => partition !== task.partition)
    .map(ledgerWindow)
    .filter((window) => window !== undefined)
}

/** True when rows of an earlier version of the object may be in the table. */
function replacesRows({ task: { before }, tally }: DecodedResult, version: number): boolean {
  if (!before || before.minTs === undefined) return false
  const same = before.contentHash === tally.contentHash && before.decoderVersion === version
  return !same || before.reason.startsWith('ghost_rows')
}

function noRows(symbol: string): SymbolRows {
  return { symbol, ts: new Float64Array(), rows: new Uint32Array(), checks: new Float64Array() }
}

function target({ table, symbolColumn, checksum }: Dataset) {
  return { table: table.name, symbolColumn, checksum }
}
