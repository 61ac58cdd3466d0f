/** One of several things that are compared; gives its value of one run. */
export type Contestants<K extends string> = Readonly<Record<K, () => Promise<number>>>

/**
 * Values of all contestants over some runs: A B C, A B C, …, so that whatever drifts on the machine
 * hits all of them. Values of the same index belong to the same run.
 */
export async function interleave<K extends string>(
  runs: number,
  contestants: Contestants<K>,
): Promise<Readonly<Record<K, readonly number[]>>> {
  const names = Object.keys(contestants) as K[]
  const values = Object.fromEntries(names.map((name) => [name, [] as number[]])) as Record<
    K,
    number[]
  >
  for (let run = 0; run < runs; run++) {
    for (const name of names) values[name].push(await contestants[name]())
  }
  return values
}

/** Ratios run by run. */
export function ratio(a: readonly number[], b: readonly number[]): number[] {
  return a.map((value, run) => value / (b[run] ?? Number.NaN))
}

/** The middle value, or the mean of the two in the middle. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b)
  const upper = sorted[Math.floor(sorted.length / 2)] ?? Number.NaN
  const lower = sorted[Math.floor((sorted.length - 1) / 2)] ?? Number.NaN
  return (lower + upper) / 2
}

/** Rounded to three significant digits, or to a whole number where that is more exact. */
export function rounded(value: number): number {
  return Math.abs(value) >= 100 ? Math.round(value) : Number(value.toPrecision(3))
}
