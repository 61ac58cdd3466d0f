import { partitionsOf } from '@backtide/core/partition'
import type { Range } from '@backtide/core/range'
import { isOpen } from '@backtide/core/state'
import type { Dataset } from '@backtide/datasets/dataset'
import type { Standing } from '@backtide/store/ledger/ledger-standing'
import type { AskOptions, ListedObject, ObjectStore } from '../objects/object-store.ts'

/** Listings asked for at once. */
const AT_ONCE = 8

/** What is listed, and what the ledger says of it. */
export interface ReplacedAsked {
  readonly dataset: Dataset
  readonly symbols: readonly string[]
  readonly range: Range
  readonly known: readonly Standing[]
}

/**
 * Partitions in which the archive has another object than was loaded, or one that was not there: found by
 * listing alone. None where the archive does not list.
 */
export async function findReplaced(
  objects: Pick<ObjectStore, 'listPage'>,
  { dataset, symbols, range, known }: ReplacedAsked,
  options: AskOptions,
): Promise<readonly number[]> {
  if (!objects.listPage) return []
  const rows = new Map(known.map((row) => [`${row.partition} ${row.object}`, row]))
  const starts = [...new Set(known.map(({ partition }) => partition))].toSorted((a, b) => a - b)
  const wanted = new Set(partitionsOf(range, dataset.granularity))
  const found: number[] = []
  const left = starts.filter((start) => wanted.has(start))
  const look = async (): Promise<void> => {
    for (let start = left.pop(); start !== undefined; start = left.pop()) {
      const at = start
      const keys = symbols.flatMap((series) => dataset.source.objects(at, series))
      const listed = await listObjects(objects, keys, options)
      // What one listing may not do, no other may.
      if (!listed) return void left.splice(0)
      if (keys.some((key) => isOther(rows.get(`${at} ${key}`), listed.get(key)))) found.push(at)
    }
  }
  await Promise.all(Array.from({ length: AT_ONCE }, look))
  return found.toSorted((a, b) => a - b)
}

/** What is open is loaded anyway, but one that is late only when it is due; one that is gone was not replaced. */
function isOther(row: Standing | undefined, listed: ListedObject | undefined): boolean {
  if (!row || !listed) return false
  if (isOpen(row.state)) return row.state === 'pending'
  return row.etag !== listed.etag
}

/** What is listed of some keys, by key; undefined where it may not be listed. */
async function listObjects(
  objects: Pick<ObjectStore, 'listPage'>,
  keys: readonly string[],
  options: AskOptions,
): Promise<ReadonlyMap<string, ListedObject> | undefined> {
  const wanted = new Set(keys)
  const last = keys.reduce((a, b) => (a > b ? a : b), '')
  const prefix = commonPrefix(keys)
  const listed = new Map<string, ListedObject>()
  for (let after: string | undefined; ;) {
    const page = await objects.listPage?.({
      ...options,
      prefix,
      ...(after !== undefined && { after }),
    })
    if (!page) return undefined
    for (const one of page.objects) if (wanted.has(one.key)) listed.set(one.key, one)
    after = page.objects.at(-1)?.key
    if (page.isLast || after === undefined || after >= last) return listed
  }
}

/** The longest text that all of some keys begin with. */
export function commonPrefix([first = '', ...others]: readonly string[]): string {
  return others.reduce((prefix, key) => {
    let end = 0
    while (end < prefix.length && prefix[end] === key[end]) end += 1
    return prefix.slice(0, end)
  }, first)
}
