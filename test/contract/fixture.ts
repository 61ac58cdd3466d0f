import { readdirSync, readFileSync } from 'node:fs'
import { partitionLength } from '@backtide/core/partition'
import { parseInstant } from '@backtide/core/range'
import type { Dataset, ObjectContext } from '@backtide/datasets/dataset'

/** An object and what it must give, see test/fixtures/README.md. */
export interface Fixture {
  readonly name: string
  readonly input: Buffer
  readonly object: ObjectContext
  /** Lines at the start of the content that are no records. */
  readonly headerLines: number
  readonly expected: Expected
}

/** Computed apart from the decoders, by test/fixtures/expected.py. */
export interface Expected {
  readonly rows: readonly Record<string, unknown>[]
  readonly rejected: Readonly<Record<string, number>>
  readonly warnings: Readonly<Record<string, number>>
  readonly supersededRows: number
}

export const FIXTURES = new URL('../fixtures/', import.meta.url)

/** Fixtures of a dataset, in `test/fixtures/<dataset id>/`. */
export function fixturesOf(dataset: Dataset): Fixture[] {
  const folder = new URL(`${dataset.id}/`, FIXTURES)
  const inputs = readdirSync(folder).filter((name) => name.endsWith('.lz4'))
  return inputs.map((name) => readFixture(dataset, folder, name))
}

function readFixture(dataset: Dataset, folder: URL, file: string): Fixture {
  const [, name = '', partition = '', symbol = '', csv] =
    /^(([^.]+)\.(.+?))(\.csv)?\.lz4$/.exec(file) ?? []
  const from = parseInstant(partition)
  if (from === undefined) throw new Error(`${file} is not named <partition>.<symbol>.lz4`)
  const expected = readFileSync(new URL(`${name}.expected.json`, folder), 'utf8')
  return {
    name,
    input: readFileSync(new URL(file, folder)),
    object: {
      symbol: symbol === 'all' ? '*' : decodeURIComponent(symbol),
      from,
      to: from + partitionLength(dataset.granularity),
    },
    headerLines: csv ? 1 : 0,
    expected: JSON.parse(expected),
  }
}
