import type { RecordFacts, RejectReason } from '../dataset.ts'
import type { ObjectTally } from './decoded-object.ts'
import { createExpectedRows } from './expected-rows.ts'
import type { SorterEvents } from './record-sorter.ts'

/** Counts what an object holds, while it is decoded. */
export interface TallyKeeper extends SorterEvents {
  line(): void
  /** The line is of something else than the dataset. */
  skip(): void
  /** The line was left to the full parse. */
  fallback(): void
  record(record: RecordFacts): void
  reject(reason: RejectReason, line: Buffer): void
  warn(warning: string, times?: number): void
  collect(bytes: BytesFacts): ObjectTally
}

/** What is known of the object's bytes. */
export type BytesFacts = Pick<ObjectTally, 'bytes' | 'contentHash' | 'corrupt' | 'refused'>

const SAMPLES = 3
const SAMPLE_BYTES = 200

/** Empty tally. */
export function createTallyKeeper(): TallyKeeper {
  return new Keeper()
}

class Keeper implements TallyKeeper {
  readonly #expected = createExpectedRows()
  readonly #rejected: Partial<Record<RejectReason, number>> = {}
  readonly #warnings: Record<string, number> = {}
  readonly #samples: string[] = []
  #lines = 0
  #skipped = 0
  #fallbacks = 0
  #rows = 0
  #supersededRows = 0
  #disordered = false

  emitted(record: RecordFacts, batch: number): void {
    this.#expected.add(record, batch)
  }

  dropped(record: RecordFacts, same: boolean): void {
    if (same) this.warn('duplicate')
    else this.#supersededRows += record.rows
  }

  late(): void {
    this.#disordered = true
  }

  line(): void {
    this.#lines++
  }

  skip(): void {
    this.#skipped++
  }

  fallback(): void {
    this.#fallbacks++
  }

  record({ rows }: RecordFacts): void {
    this.#rows += rows
  }

  reject(reason: RejectReason, line: Buffer): void {
    this.#rejected[reason] = (this.#rejected[reason] ?? 0) + 1
    if (this.#samples.length < SAMPLES) this.#samples.push(printable(line))
  }

  warn(warning: string, times = 1): void {
    this.#warnings[warning] = (this.#warnings[warning] ?? 0) + times
  }

  collect(bytes: BytesFacts): ObjectTally {
    const expected = this.#expected.collect()
    return {
      ...bytes,
      lines: this.#lines,
      skipped: this.#skipped,
      fallbacks: this.#fallbacks,
      rows: this.#rows,
      distinctRows: total(expected.map(({ rows }) => rows)),
      check: total(expected.map(({ checks }) => checks)),
      supersededRows: this.#supersededRows,
      rejected: this.#rejected,
      warnings: this.#warnings,
      samples: this.#samples,
      disordered: this.#disordered,
      expected,
    }
  }
}

function total(columns: readonly (Uint32Array | Float64Array)[]): number {
  let sum = 0
  for (const column of columns) for (const each of column) sum += each
  return sum
}

/** Start of a line, fit for logs and SQL whatever its bytes are. */
function printable(line: Buffer): string {
  return line.toString('latin1', 0, SAMPLE_BYTES).replaceAll(/[^\x20-\x7e]/g, '?')
}
