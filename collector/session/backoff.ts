export interface Backoff {
  readonly firstMs: number
  readonly mostMs: number
}

/**
 * How long to wait after so many failures in a row (from 1): twice as long each time up to the most, of
 * which chance takes up to half, so that many clients do not come back at once. What the venue asks for
 * (`Retry-After`) is the least.
 */
export function backoffMs(
  { firstMs, mostMs }: Backoff,
  failures: number,
  { random = Math.random, leastMs = 0 } = {},
): number {
  const full = Math.min(mostMs, firstMs * 2 ** Math.min(failures - 1, 30))
  return Math.max(leastMs, full * (1 - random() / 2))
}
