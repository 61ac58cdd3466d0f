/**
 * A number from 0 (inclusive) to 1 (exclusive) that depends on nothing but its arguments: the same
 * on every machine, and without a state to carry along.
 */
export function noise(seed: number, ...at: readonly number[]): number {
  let hash = mix(seed)
  for (const part of at) hash = mix(hash ^ mix(part | 0))
  return (hash >>> 0) / 2 ** 32
}

/** A number with mean 0 and standard deviation 1, bounded by ±3: a sum of uniform ones. */
export function bellNoise(seed: number, ...at: readonly number[]): number {
  let sum = 0
  for (let part = 0; part < 4; part++) sum += noise(seed, ...at, part)
  return (sum - 2) * Math.sqrt(3)
}

/** Whole number from `from` to `to`, both included. */
export function noiseBetween(
  from: number,
  to: number,
  seed: number,
  ...at: readonly number[]
): number {
  return from + Math.floor(noise(seed, ...at) * (to - from + 1))
}

// The finalizer of MurmurHash3 over a shifted input, so that 0 does not stay 0.
function mix(value: number): number {
  let hash = (value + 0x9e3779b9) | 0
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b)
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35)
  return hash ^ (hash >>> 16)
}
