/** What a venue allows an address: requests weigh differently, and so much of them a minute. */
export interface RequestLimit {
  /** What it is known by; sources of one name share it. */
  readonly name: string
  readonly weightPerMinute: number
}

/** A request that wants its turn. */
export interface RequestTurn {
  readonly weightPerMinute: number
  readonly weight: number
}

/** What of a limit is left. */
export interface Bucket {
  /** Weight that may be taken at once; below zero what is promised already. */
  readonly level: number
  /** When that was so, UTC milliseconds. */
  readonly at: number
}

/** Part of a minute's weight that may go at once; the rest comes back evenly over the minute. */
const BURST = 1 / 6

const MINUTE_MS = 60_000

/**
 * Takes a turn at an instant (UTC milliseconds), whenever it comes: the caller waits so many
 * milliseconds. Burst and what comes back in a minute are the limit together, so no minute has more.
 * A limit not used before is full. https://en.wikipedia.org/wiki/Token_bucket
 */
export function takeTurn(
  bucket: Bucket | undefined,
  { weight, weightPerMinute }: RequestTurn,
  now: number,
): { readonly bucket: Bucket; readonly waitMs: number } {
  const most = weightPerMinute * BURST
  const perMs = (weightPerMinute - most) / MINUTE_MS
  const back = bucket ? bucket.level + Math.max(0, now - bucket.at) * perMs : most
  const level = Math.min(most, back) - weight
  // One that weighs more than a burst waits until the bucket would be that full.
  const waitMs = level >= 0 ? 0 : Math.ceil(-level / perMs)
  return { bucket: { level, at: Math.max(now, bucket?.at ?? now) }, waitMs }
}

/** Nobody's turn comes for so many milliseconds. */
export function backOff(
  bucket: Bucket | undefined,
  { weightPerMinute }: Pick<RequestTurn, 'weightPerMinute'>,
  ms: number,
  now: number,
): Bucket {
  const perMs = (weightPerMinute * (1 - BURST)) / MINUTE_MS
  const level = takeTurn(bucket, { weight: 0, weightPerMinute }, now).bucket.level
  return { level: Math.min(level, -ms * perMs), at: now }
}
