/** Asks for an object that is there: of the first of some partitions that has one. */
export interface ProbeInput {
  readonly dataset: string
  readonly symbol: string
  /** Starts of partitions, in the order they are tried, UTC milliseconds. */
  readonly starts: readonly number[]
}

/** The object that was found, or why none was. */
export type ProbeResult =
  | { readonly partition: number; readonly object: string; readonly size: number }
  | { readonly reason: string }
