import type { Dataset, Format } from './dataset.ts'

/** The format of a dataset's objects whose partition starts at `start` (UTC milliseconds). */
export function formatAt(dataset: Dataset, start: number): Format {
  const format = dataset.formats.find(({ until }) => until === undefined || start < until)
  if (!format) throw new Error(`${dataset.id} has no format for ${new Date(start).toISOString()}`)
  return format
}
