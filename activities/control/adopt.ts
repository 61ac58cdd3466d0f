import type {
  AdoptDaysInput,
  AdoptedDays,
  AdoptionPlan,
  FinishAdoptionInput,
} from '@backtide/core/adoption'
import { adoptWorkflowId } from '@backtide/core/ids'
import { partitionLength } from '@backtide/core/partition'
import { DAY_MS } from '@backtide/core/range'
import { ALL_SYMBOLS } from '@backtide/core/series'
import type { DataTable } from '@backtide/core/table'
import type { Dataset } from '@backtide/datasets/dataset'
import type { Registry } from '@backtide/datasets/registry'
import { copyDay, countDay, daysToAdopt, setAside } from '@backtide/store/adoption/adopt-rows'
import type { Fence } from '@backtide/store/fence'
import { NOTHING_KNOWN, type LedgerRow } from '@backtide/store/ledger/ledger-row'
import { listLedger } from '@backtide/store/ledger/list-ledger'
import { writeLedger } from '@backtide/store/ledger/write-ledger'
import { readOwned, type OwnedRows } from '@backtide/store/owned-rows'
import type { Store } from '@backtide/store/store'
import { rowSource } from '../load/verify-partition.ts'
import { BadSourceError } from '../objects/errors.ts'

/** What adopting a table works with. */
export interface AdoptContext {
  readonly store: Store
  readonly registry: Registry
  /** UTC milliseconds. */
  readonly now: () => number
  readonly signal: AbortSignal
  readonly fence: Fence
  readonly report: (progress: { readonly day: number }) => void
}

/** An activity takes this long at most, but a day at least: more are the next one's, in milliseconds. */
const SHARE_MS = 30_000

/** Looks at what there is to take over. */
export async function planAdoption(
  { store, registry }: AdoptContext,
  table: string,
): Promise<AdoptionPlan> {
  await store.ensureTables([])
  return await daysToAdopt(store.db, tableOf(registry, table))
}

/** Counts some days, and takes them over unless it is a dry run: rows first, then what the ledger says. */
export async function adoptDays(
  context: AdoptContext,
  input: AdoptDaysInput,
): Promise<AdoptedDays> {
  const { store, registry, signal, now, report } = context
  const table = tableOf(registry, input.table)
  const ends = now() + SHARE_MS
  let day = input.from
  const sum = { rows: 0, duplicates: 0, objects: 0 }
  do {
    signal.throwIfAborted()
    report({ day })
    const { rows, duplicates } = await countDay(store.db, table, day, signal)
    sum.rows += rows
    sum.duplicates += duplicates
    if (rows > 0 && !input.dryRun) {
      await copyDay(store.db, table, { day, distinct: rows - duplicates }, context)
      sum.objects += await recordDay(context, table, day)
    }
    day += DAY_MS
  } while (day < input.to && now() < ends)
  return { until: day, ...sum }
}

/** The table gets its other name, and the view takes its place. */
export async function finishAdoption(
  { store, registry }: AdoptContext,
  input: FinishAdoptionInput,
): Promise<void> {
  const table = tableOf(registry, input.table)
  await setAside(store.db, table, input)
  await store.ensureTables([table])
}

function tableOf({ all }: Registry, name: string): DataTable {
  const table = all.find((dataset) => dataset.table.view.name === name)?.table
  if (!table) throw new BadSourceError(name, 'this worker does not know the table; update it')
  return table
}

/** Puts the objects of a day on record that rows were taken over of, and nothing is known of yet. */
async function recordDay(context: AdoptContext, table: DataTable, day: number): Promise<number> {
  const { store, registry, signal, fence } = context
  const range = { from: day, to: day + DAY_MS }
  let recorded = 0
  for (const dataset of registry.all.filter((one) => one.table.name === table.name)) {
    const scope = { series: undefined, partitions: range }
    const owned = await readOwned(store.db, rowSource(dataset), scope, signal)
    const wanted = owned
      .filter(({ partition }) => partition >= range.from && partition < range.to)
      .flatMap((rows) => unreadRows(context, dataset, rows))
    const symbols = [...new Set(wanted.map(({ symbol }) => symbol))]
    if (symbols.length === 0) continue
    const known = await listLedger(store.db, { dataset: dataset.id, symbols, range }, signal)
    const names = new Set(known.map(({ partition, object }) => `${partition} ${object}`))
    const fresh = joinRows(wanted).filter((row) => !names.has(`${row.partition} ${row.object}`))
    await writeLedger(store.db, fresh, { signal, fence })
    recorded += fresh.length
  }
  return recorded
}

/** The ledger rows of what some rows came from, if they came from this archive: it is loaded to tell. */
function unreadRows(
  { now }: Pick<AdoptContext, 'now'>,
  dataset: Dataset,
  { partition, series, rows, minTs, maxTs }: OwnedRows,
): readonly LedgerRow[] {
  if (partition + partitionLength(dataset.granularity) <= dataset.begins) return []
  const symbol = dataset.symbols === 'all' ? (ALL_SYMBOLS[0] ?? '') : series
  return dataset.source.objects(partition, symbol).map((object) => ({
    ...NOTHING_KNOWN,
    partition,
    dataset: dataset.id,
    object,
    symbol,
    state: 'unverified',
    reason: 'adopted, and not compared with the archive yet',
    backfillId: adoptWorkflowId(dataset.table.view.name),
    decoderVersion: 0,
    rows,
    distinctRows: rows,
    minTs,
    maxTs,
    epoch: 0,
    checkedAt: now(),
  }))
}

/** Objects that hold all symbols have rows of each. */
function joinRows(rows: readonly LedgerRow[]): readonly LedgerRow[] {
  const joined = new Map<string, LedgerRow>()
  for (const row of rows) {
    const key = `${row.partition} ${row.object}`
    const other = joined.get(key)
    const sum = other && {
      rows: other.rows + row.rows,
      distinctRows: other.distinctRows + row.distinctRows,
      minTs: Math.min(other.minTs ?? Infinity, row.minTs ?? Infinity),
      maxTs: Math.max(other.maxTs ?? -Infinity, row.maxTs ?? -Infinity),
    }
    joined.set(key, { ...row, ...sum })
  }
  return [...joined.values()]
}
