import type { RecordFacts, RejectReason } from './dataset.ts'
import type { ObjectTally } from './decoded-object.ts'
import { createExpectedRows } from './expected-rows.ts'
import type { SorterEvents } from './record-sorter.ts'

/** Counts what an object holds, while it is decoded. */
export interface TallyKeeper {
  /** Where the sorter reports to. */
  readonly events: SorterEvents
  line(): void
  /** The line was left to the full parse. */
  fallback(): void
  record(record: RecordFacts): void
  reject(reason: RejectReason, line: Buffer): void
  warn(warning: string): void
  collect(bytes: BytesFacts): ObjectTally
}

/** What is known of the object's bytes. */
export type BytesFacts = Pick<ObjectTally, 'bytes' | 'contentHash' | 'corrupt' | 'refused'>

const SAMPLES = 3
const SAMPLE_BYTES = 200

/** Empty tally. */
export function createTallyKeeper(): TallyKeeper {
  const expected = createExpectedRows()
  const rejected: Partial<Record<RejectReason, number>> = {}
  const warnings: Record<string, number> = {}
  const samples: string[] = []
  const counts = { lines: 0, fallbacks: 0, rows: 0, supersededRows: 0 }
  let disordered = false

  function warn(warning: string): void {
    warnings[warning] = (warnings[warning] ?? 0) + 1
  }

  return {
    events: {
      emitted(record, batch) {
        if (record.rows > 0) expected.add(record, batch)
      },
      dropped(record, same) {
        if (same) warn('duplicate')
        else counts.supersededRows += record.rows
      },
      late() {
        disordered = true
      },
    },
    line: () => void counts.lines++,
    fallback: () => void counts.fallbacks++,
    record: (record) => void (counts.rows += record.rows),
    reject(reason, line) {
      rejected[reason] = (rejected[reason] ?? 0) + 1
      if (samples.length < SAMPLES) samples.push(printable(line))
    },
    warn,
    collect(bytes) {
      const rows = expected.collect()
      const found = { samples, disordered, expected: rows, distinctRows: countRows(rows) }
      return { ...bytes, ...counts, rejected, warnings, ...found }
    },
  }
}

function countRows(expected: ObjectTally['expected']): number {
  return expected.reduce((sum, { rows }) => rows.reduce((all, each) => all + each, sum), 0)
}

/** Start of a line, fit for logs and SQL whatever its bytes are. */
function printable(line: Buffer): string {
  return line.toString('latin1', 0, SAMPLE_BYTES).replaceAll(/[^\x20-\x7e]/g, '?')
}
