/** Shared memory that is done with, for who needs some next: fresh memory costs more than what is done in it. */
export interface BufferPool {
  /** Memory that came back, of whatever size; undefined when there is none. */
  take(): SharedArrayBuffer | undefined
  give(...memory: readonly SharedArrayBuffer[]): void
  /** Takes all there is. */
  drain(): readonly SharedArrayBuffer[]
}

/** Empty pool. */
export function createBufferPool(): BufferPool {
  const spare: SharedArrayBuffer[] = []
  return {
    take: () => spare.pop(),
    give: (...memory) => void spare.push(...memory),
    drain: () => spare.splice(0),
  }
}
