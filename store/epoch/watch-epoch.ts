import type { QuestDb } from '../questdb.ts'
import { distrust } from './distrust.ts'
import { readEpoch } from './read-epoch.ts'

/**
 * Reads the epoch; when it is one this process has not seen yet, what earlier ones may have lost is
 * distrusted before anybody is told. What takes long is done by `db`, the mere question by `quick`.
 */
export function createEpochWatch(db: QuestDb, quick = db): () => Promise<number> {
  let seen: { readonly epoch: number; readonly done: Promise<void> } | undefined
  return async () => {
    const epoch = await readEpoch(quick)
    if (seen?.epoch === epoch) {
      await seen.done
      return epoch
    }
    const mine = { epoch, done: distrust(db, epoch, Date.now()) }
    seen = mine
    try {
      await mine.done
    } catch (error) {
      if (seen === mine) seen = undefined
      throw error
    }
    return epoch
  }
}
