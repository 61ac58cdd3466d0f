import { rm } from 'node:fs/promises'
import type { KeptObjects } from './kept-objects.ts'

/**
 * Keeps so many bytes together at most: what was found or put longest ago goes first. What somebody else
 * keeps in the same place does not count.
 */
export function createBounded(kept: KeptObjects, mostBytes: number): KeptObjects {
  /** Sizes by key, in the order they were used. */
  const sizes = new Map<string, number>()
  let bytes = 0
  const forget = (key: string) => {
    bytes -= sizes.get(key) ?? 0
    sizes.delete(key)
  }
  const use = (key: string, size: number) => {
    forget(key)
    sizes.set(key, size)
    bytes += size
  }
  return {
    find: async (key) => {
      const found = await kept.find(key)
      if (found) use(key, found.size)
      return found
    },
    put: async (key, copy) => {
      if (copy.size > mostBytes) return await rm(copy.file, { force: true })
      await kept.put(key, copy)
      use(key, copy.size)
      for (const [oldest] of sizes) {
        if (bytes <= mostBytes) return
        forget(oldest)
        await kept.remove(oldest)
      }
    },
    remove: async (key) => {
      forget(key)
      await kept.remove(key)
    },
  }
}
