import type { AskOptions, ListedObject, ObjectStore } from '../objects/object-store.ts'

/** An archive that nobody may list any more, in the midst of it. */
const MOST_PAGES = 1_000_000

/**
 * What a listing says of some objects, by key: those it does not have are absent. Asked for is what lies
 * between the first and the last of the keys, below the longest prefix they share, a page at a time.
 * Undefined where the archive does not list, or not to us.
 */
export async function listWanted(
  objects: Pick<ObjectStore, 'listPage'>,
  keys: readonly string[],
  options: AskOptions,
): Promise<ReadonlyMap<string, ListedObject> | undefined> {
  const wanted = new Set(keys)
  const [first, last] = boundsOf(keys)
  if (first === undefined || last === undefined) return new Map()
  const prefix = commonPrefix(first, last)
  const found = new Map<string, ListedObject>()
  // Just before the first: a listing begins behind what it is told.
  let after = first.slice(0, -1)
  for (let page = 0; page < MOST_PAGES; page += 1) {
    options.signal?.throwIfAborted()
    const listed = await objects.listPage?.({
      prefix,
      ...(after.length > prefix.length && { after }),
      ...options,
    })
    if (!listed) return undefined
    for (const one of listed.objects) if (wanted.has(one.key)) found.set(one.key, one)
    const end = listed.objects.at(-1)?.key
    if (listed.isLast || end === undefined || end >= last) break
    after = end
  }
  return found
}

/** The longest text that both begin with. */
export function commonPrefix(one: string, other: string): string {
  let length = 0
  while (length < one.length && one[length] === other[length]) length += 1
  return one.slice(0, length)
}

function boundsOf(keys: readonly string[]): readonly (string | undefined)[] {
  let [first, last] = [keys[0], keys[0]]
  for (const key of keys) {
    if (first === undefined || key < first) first = key
    if (last === undefined || key > last) last = key
  }
  return [first, last]
}
