import type { Range } from '@backtide/core/range'
import { StoreUnavailableError } from './errors.ts'

/**
 * Memory maps that reads of the ledger may take together. A server has 65,530 of them by default, and one
 * that has none left refuses writes to tables nobody reads.
 * https://questdb.com/docs/getting-started/capacity-planning/#maximum-virtual-memory-areas-limit
 */
const MOST_MAPS = 10_000

/** Of one week of the ledger, for the columns that are read. */
const MAPS_A_WEEK = 10

/** Reads of no more maps never wait. */
const NARROW = 300

/** Longest a read waits for its turn, milliseconds. */
const PATIENCE_MS = 15_000

/** Lets wide reads of the ledger take turns. */
export interface WideReads {
  /**
   * Reads as soon as there is room for a range of the ledger; narrow ones at once.
   * @throws StoreUnavailableError when its turn does not come in time
   */
  take<T>(range: Range, statements: number, read: () => Promise<T>): Promise<T>
}

/** Wide reads of one process over one QuestDB. */
export function createWideReads({
  patienceMs = PATIENCE_MS,
  mostMaps = MOST_MAPS,
} = {}): WideReads {
  let taken = 0
  let waiting: readonly Waiting[] = []
  const next = (): void => {
    for (;;) {
      const [first, ...others] = waiting
      if (!first || (taken > 0 && taken + first.maps > mostMaps)) return
      waiting = others
      taken += first.maps
      first.begin()
    }
  }
  const turn = (maps: number) =>
    new Promise<void>((resolve, reject) => {
      const timer = setTimeout(() => {
        waiting = waiting.filter((one) => one !== mine)
        reject(new StoreUnavailableError('Too many wide reads of the ledger at once'))
        next()
      }, patienceMs)
      const begin = () => {
        clearTimeout(timer)
        resolve()
      }
      const mine = { maps, begin }
      waiting = [...waiting, mine]
      next()
    })
  return {
    take: async (range, statements, read) => {
      const weeks = Math.ceil((range.to - range.from) / WEEK_MS) + 1
      const maps = weeks * MAPS_A_WEEK * statements
      if (maps <= NARROW) return await read()
      await turn(maps)
      try {
        return await read()
      } finally {
        taken -= maps
        next()
      }
    },
  }
}

interface Waiting {
  readonly maps: number
  readonly begin: () => void
}

const WEEK_MS = 7 * 86_400_000
