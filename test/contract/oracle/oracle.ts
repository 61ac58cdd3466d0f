import type {
  Dataset,
  ObjectContext,
  RecordReader,
  RecordSink,
  RejectReason,
} from '@backtide/datasets/dataset'

/**
 * A reader that is slow and plainly right: every line becomes an object, and every row is written
 * column by column. It shares nothing with the readers it is compared to but the writer of rows.
 */
export function createOracle<Line extends object>(
  read: (line: Buffer) => Line | RejectReason,
  write: (line: Line, records: RecordSink) => void,
): RecordReader {
  let held: Line | undefined
  return {
    parse(line) {
      const found = read(line)
      if (typeof found === 'string') return found
      held = found
      return true
    },
    write(records) {
      if (held) write(held, records)
    },
  }
}

/** A dataset whose objects are read by an oracle. */
export function withReader(
  dataset: Dataset,
  createReader: (object: ObjectContext) => RecordReader,
): Dataset {
  return { ...dataset, formats: dataset.formats.map((format) => ({ ...format, createReader })) }
}
