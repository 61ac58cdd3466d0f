/** The collector's clock. */
export interface Clock {
  /** UTC nanoseconds; follows the wall clock when that is set. */
  now(): bigint
  /** Milliseconds that only ever go forward, to measure with. */
  steady(): number
}

/** Further apart the wall clock was set; less is what it is slewed by, or its own coarseness. */
const APART_NS = 50_000_000n

/** A wall clock of milliseconds, made finer by the monotonic one. */
export function createClock(
  wall: () => number = Date.now,
  monotonic: () => bigint = process.hrtime.bigint,
): Clock {
  let anchor = BigInt(wall()) * 1_000_000n
  let anchoredAt = monotonic()
  return {
    now() {
      const at = monotonic()
      const fine = anchor + (at - anchoredAt)
      const coarse = BigInt(wall()) * 1_000_000n
      const apart = fine - coarse
      if (apart < APART_NS && apart > -APART_NS) return fine
      anchor = coarse
      anchoredAt = at
      return coarse
    },
    steady: () => Number(monotonic() / 1000n) / 1000,
  }
}
