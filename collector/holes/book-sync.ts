import type { Link } from './chain.ts'

/**
 * Whether the book of a stream of changes is known: it is from a snapshot on whose last id lies inside
 * the changes that came, until one of them is missing. Holds ids only; the changes are in the capture.
 */
export interface BookSync {
  isKnown(): boolean
  /** Changes wait for a snapshot, and there is none. */
  needsSnapshot(): boolean
  /** A change that follows on the one before. */
  push(link: Link): Splice
  snapshot(lastId: bigint): Splice
  /** A change was missed: what came before does not count any more. */
  break(): void
  /** Nothing was missed after all. */
  restore(): void
}

/** `stale`: the snapshot is older than the first change; another one is needed. */
export type Splice = 'known' | 'waiting' | 'stale'

/** Changes that are waited with; of a busier book the oldest go, and a snapshot before them is stale. */
const MOST_LINKS = 20_000

export function createBookSync(): BookSync {
  let known = false
  let links: Link[] = []
  let snapshotId: bigint | undefined

  function splice(): Splice {
    if (known) return 'known'
    if (snapshotId === undefined) return 'waiting'
    const id = snapshotId
    const next = links.find(({ last }) => last > id)
    // With no later change yet, the latest must reach up to the snapshot.
    if (next === undefined && links.at(-1)?.last !== id) return 'waiting'
    if (next !== undefined && next.before > id) {
      snapshotId = undefined
      return 'stale'
    }
    known = true
    links = []
    snapshotId = undefined
    return 'known'
  }

  return {
    isKnown: () => known,
    needsSnapshot: () => !known && links.length > 0 && snapshotId === undefined,
    push(link) {
      if (known) return 'known'
      links.push(link)
      if (links.length > MOST_LINKS) links = links.slice(MOST_LINKS / 2)
      return splice()
    },
    snapshot(lastId) {
      snapshotId = lastId
      return splice()
    },
    break() {
      known = false
      links = []
    },
    restore() {
      known = true
      links = []
    },
  }
}
