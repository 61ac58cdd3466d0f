/** The latest records of a stream, by their natural keys. */
export interface KnownKeys {
  /** Adds the keys of a frame; returns the first that was known already. */
  add(keys: readonly string[]): string | undefined
}

/** More than any venue repeats. */
const MOST = 1000

export function createKnownKeys(): KnownKeys {
  const known = new Set<string>()
  return {
    add(keys) {
      const repeated = keys.find((key) => known.has(key))
      for (const key of keys) known.add(key)
      for (const key of known) {
        if (known.size <= MOST) break
        known.delete(key)
      }
      return repeated
    },
  }
}
