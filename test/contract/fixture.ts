import { readdirSync, readFileSync } from 'node:fs'
import { partitionLength } from '@backtide/core/partition'
import { parseInstant } from '@backtide/core/range'
import type { ContainerKind } from '@backtide/datasets/containers/container'
import { formatAt, type Dataset, type ObjectContext } from '@backtide/datasets/dataset'
import { unpack } from './pack.ts'

/** An object and what it must give, see test/fixtures/README.md. */
export interface Fixture {
  readonly name: string
  readonly container: ContainerKind
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
  const inputs = readdirSync(folder).filter((name) => !name.endsWith('.json'))
  return inputs.map((name) => readFixture(dataset, folder, name))
}

function readFixture(dataset: Dataset, folder: URL, file: string): Fixture {
  const [, name = '', partition = '', symbol = ''] =
    /^(([^.]+)\.(.+?))(?:\.csv|\.jsonl)?(?:\.lz4|\.gz|\.zip)?$/.exec(file) ?? []
  const from = parseInstant(partition)
  if (from === undefined) throw new Error(`${file} is not named <partition>.<symbol>.<ext>`)
  const object = {
    symbol: symbol === 'all' ? '*' : decodeURIComponent(symbol),
    from,
    to: from + partitionLength(dataset.granularity),
  }
  const { container, createReader } = formatAt(dataset, from)
  const input = readFileSync(new URL(file, folder))
  const [first = ''] = unpack(container, input).toString('utf8').split(/\r?\n/)
  const hasHeader = createReader(object).header?.(Buffer.from(first.replace(/^\uFEFF/, '')))
  const expected = readFileSync(new URL(`${name}.expected.json`, folder), 'utf8')
  return {
    name,
    container,
    input,
    object,
    headerLines: hasHeader ? 1 : 0,
    expected: JSON.parse(expected),
  }
}
