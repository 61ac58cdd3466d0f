/** Objects that are known, and what they hold: what others of their kind are judged by. */
export interface Sample {
  readonly objects: number
  /** Compressed. */
  readonly bytes: number
  readonly rows: number
}

/** Sum of some samples. */
export function addSamples(samples: readonly Sample[]): Sample {
  return samples.reduce(
    (sum, { objects, bytes, rows }) => ({
      objects: sum.objects + objects,
      bytes: sum.bytes + bytes,
      rows: sum.rows + rows,
    }),
    { objects: 0, bytes: 0, rows: 0 },
  )
}

/** Objects of a series that are enough to judge it by: fewer say less than all others do. */
const ENOUGH = 3

/** Says how large an object of a series is likely to be, in bytes. */
export function sizeEstimate(
  bySeries: ReadonlyMap<string, Sample>,
  /** While nothing of the dataset is known. */
  typicalBytes = 0,
): (series: string) => number {
  const all = addSamples([...bySeries.values()])
  const usual = all.objects > 0 ? all.bytes / all.objects : typicalBytes
  return (series) => {
    const own = bySeries.get(series)
    return own && own.objects >= ENOUGH ? own.bytes / own.objects : usual
  }
}

/** Rows that so many bytes of objects are likely to hold; undefined while nothing is known. */
export function estimateRows({ bytes, rows }: Sample, ofBytes: number): number | undefined {
  return bytes > 0 ? Math.round((ofBytes / bytes) * rows) : undefined
}
