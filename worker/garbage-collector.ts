import { setFlagsFromString } from 'node:v8'

/**
 * Lets V8 collect less often. It counts what arrives from S3, memory outside of its heap, as growth
 * of the heap: with a heap as small as ours it would mark all of it for every few megabytes that are
 * fetched, a fifth of all processor time (docs/performance.md). Costs as much memory as the live heap.
 */
export function collectLessOften(): void {
  setFlagsFromString('--heap-growing-percent=100')
}
