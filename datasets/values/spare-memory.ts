/**
 * Buffers that blocks and rows lie in, used again from object to object. Fresh memory costs its pages,
 * and V8 counts it: a thread of a heap of 8 MB marks all of that for every few megabytes.
 */
export interface SpareMemory {
  /** A buffer of at least so many bytes, whatever is in it. */
  take(bytes: number): Buffer
  /** The buffer is not used any more by whoever took it. */
  give(buffer: Buffer): void
}

/** Keeps up to `mostSpare` bytes for who needs some next, rather few large buffers than many small ones. */
export function createSpareMemory(mostSpare: number): SpareMemory {
  const spare: Buffer[] = []
  let held = 0
  return {
    take: (bytes) => {
      const at = spare.findIndex(({ length }) => length >= bytes)
      const [used] = at < 0 ? [] : spare.splice(at, 1)
      held -= used?.length ?? 0
      return used ?? Buffer.allocUnsafeSlow(bytes)
    },
    give: (buffer) => {
      if (buffer.length === 0) return
      const place = spare.findIndex(({ length }) => length < buffer.length)
      spare.splice(place < 0 ? spare.length : place, 0, buffer)
      held += buffer.length
      while (held > mostSpare) held -= spare.pop()?.length ?? held
    },
  }
}

/** Keeps none. */
export const FRESH: SpareMemory = {
  take: (bytes) => Buffer.allocUnsafeSlow(bytes),
  give: () => {},
}
