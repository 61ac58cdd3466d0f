/** Seeded chance: the same seed makes the same choices, whatever else happens meanwhile. */
export interface Random {
  /** From 0 up to 1. */
  next(): number
  /** A whole number, both bounds included. */
  between(from: number, to: number): number
  chance(probability: number): boolean
  pick<T>(from: readonly [T, ...T[]]): T
  /** Some of a list, in its order, at least one. */
  some<T>(from: readonly T[]): T[]
  /** Chance of its own, so that how often one part draws does not change what another part gets. */
  fork(name: string): Random
}

/** Chance from a seed, by mulberry32: https://github.com/cprosche/mulberry32 */
export function createRandom(seed: number): Random {
  let state = Math.imul(seed, 2_654_435_761) | 0
  const next = () => {
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296
  }
  const between = (from: number, to: number) => from + Math.floor(next() * (to - from + 1))
  const some = <T>(from: readonly T[]): T[] => {
    const sure = between(0, from.length - 1)
    return from.filter((_, index) => index === sure || next() < 0.5)
  }
  return {
    next,
    between,
    chance: (probability) => next() < probability,
    pick: (from) => from[between(0, from.length - 1)] ?? from[0],
    some,
    fork: (name) => createRandom(hash(`${seed} ${name}`)),
  }
}

/** FNV-1a: https://datatracker.ietf.org/doc/html/draft-eastlake-fnv */
function hash(text: string): number {
  let value = 0x811c9dc5
  for (const byte of Buffer.from(text)) value = Math.imul(value ^ byte, 0x01000193)
  return value >>> 0
}
