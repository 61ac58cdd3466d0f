/** An unsigned 32-bit number that depends on its arguments only: MurmurHash3's finalizer, chained. */
export function noise(seed: number, a: number, b: number): number {
  return mix(mix(mix(seed) ^ a) ^ b) >>> 0
}

function mix(value: number): number {
  let hash = (value + 0x9e3779b9) | 0
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b)
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35)
  return hash ^ (hash >>> 16)
}
