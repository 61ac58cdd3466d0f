import { createBounded } from '@backtide/activities/objects/kept/bounded'
import { createKeptFolder } from '@backtide/activities/objects/kept/folder'
import { keepObjects } from '@backtide/activities/objects/kept/keeping-store'
import { createSpools, type OnTrouble } from '@backtide/activities/objects/kept/spool'
import type { ObjectStore } from '@backtide/activities/objects/object-store'
import type { BackfillRequest } from '@backtide/core/request'
import { ALL_SYMBOLS, seriesOf } from '@backtide/core/series'
import type { Dataset } from '@backtide/datasets/dataset'
import type { Store } from '@backtide/store/store'
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { temporaryFolder } from './temporary-folder.ts'

/** A folder for objects that another dataset is about to read as well. */
export interface Scratch {
  readonly folder: string
  /** Bytes of all objects in it, at most. */
  readonly bytes: number
}

/** What tells which objects are wanted twice. */
export interface Wants {
  readonly store: Pick<Store, 'listBackfills'>
  readonly datasets: readonly Dataset[]
  readonly onTrouble: OnTrouble
}

/** Makes a scratch folder of this process. */
export function openScratch(bytes: number): Scratch & { remove(): void } {
  const folder = temporaryFolder('scratch')
  return { folder, bytes, remove: () => remove(folder) }
}

/**
 * Has datasets over the same objects fetch them once when they are asked for together: while open
 * backfills of two of them want the same coins and hours, what one fetches is kept in the scratch
 * folder, and counts for the other as long as the archive has no other version. Other sources stay
 * as they are.
 */
export function createSharer(
  { folder, bytes }: Scratch,
  { store, datasets, onTrouble }: Wants,
): (source: string, objects: ObjectStore) => ObjectStore {
  const spools = createSpools(join(folder, '.parts'), onTrouble)
  return (source, objects) => {
    const twins = twinsOf(datasets.filter((dataset) => dataset.source.name === source))
    if (twins.length === 0) return objects
    const kept = createBounded(createKeptFolder(join(folder, source)), bytes)
    const keeps = remembered(() => isWantedTwice(store, twins))
    return keepObjects(objects, { kept, spools, onTrouble, current: true, keeps })
  }
}

type Twins = readonly [Dataset, Dataset]

/** Datasets, two by two, whose objects have the same keys. */
function twinsOf(datasets: readonly Dataset[]): readonly Twins[] {
  return datasets.flatMap((one, at) =>
    datasets
      .slice(at + 1)
      .filter((other) => haveSameKeys(one, other))
      .map((other): Twins => [one, other]),
  )
}

function haveSameKeys(one: Dataset, other: Dataset): boolean {
  const start = Math.max(one.begins, other.begins)
  const [a, b] = [one, other].map((dataset) => {
    const [symbol = ''] = dataset.symbols === 'all' ? ALL_SYMBOLS : ['BTC']
    return dataset.source.objects(start, seriesOf(symbol, dataset.intervals?.[0])).join('\n')
  })
  return one.granularity === other.granularity && a === b
}

/** Newest backfills that are looked at. */
const RECENT = 50

async function isWantedTwice(
  store: Pick<Store, 'listBackfills'>,
  twins: readonly Twins[],
): Promise<boolean> {
  const records = await store.listBackfills({ limit: RECENT })
  const open = records.filter(({ ended }) => !ended).map(({ request }) => request)
  return twins.some(([one, other]) =>
    open.some(
      (a) => a.dataset === one.id && open.some((b) => b.dataset === other.id && overlap(a, b)),
    ),
  )
}

function overlap(a: BackfillRequest, b: BackfillRequest): boolean {
  const series = new Set(a.symbols)
  return (
    a.range.from < b.range.to &&
    b.range.from < a.range.to &&
    b.symbols.some((one) => series.has(one))
  )
}

/** An answer is believed for this long, milliseconds. */
const BELIEVED_MS = 1_000

/** Without an answer in this time, milliseconds, nothing is wanted twice. */
const PATIENCE_MS = 2_000

function remembered(ask: () => Promise<boolean>): () => Promise<boolean> {
  let last = { at: -Infinity, answer: Promise.resolve(false) }
  return async () => {
    const now = performance.now()
    if (now - last.at > BELIEVED_MS) {
      const late = delay(PATIENCE_MS, false, { ref: false })
      last = { at: now, answer: Promise.race([ask().catch(() => false), late]) }
    }
    return await last.answer
  }
}

function remove(folder: string): void {
  try {
    rmSync(folder, { recursive: true, force: true, maxRetries: 3 })
  } catch {
    // Of another user, or taken away meanwhile: nobody waits for it.
  }
}
