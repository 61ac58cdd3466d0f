import type { Dataset, Format } from './dataset.ts'

/** The format of a dataset's objects whose partition starts at `start` (UTC milliseconds). */
export function formatAt(dataset: Dataset, start: number): Format {
  const format = dataset.formats.find(({ until }) => until === undefined || start < until)
  if (!format) throw new Error(`${dataset.id} has no format for ${new Date(start).toISOString()}`)
  return format
}

/** Version of the decoder that reads the objects of a partition which starts at `start`. */
export function versionAt(dataset: Dataset, start: number): number {
  return formatAt(dataset, start).version
}
