import { dataTable } from '@backtide/core/table'
import type { Dataset, RecordReader, RecordSink } from '@backtide/datasets/dataset'
import { rowStart, textColumn } from '@backtide/datasets/ilp/names'
import { HeaderChangedError } from '@backtide/datasets/values/csv-header'

/** The object of all plain lines. */
export const HOUR = { symbol: 'A', from: 0, to: 3_600_000 }
const START = rowStart('plain', {})
const VALUE = textColumn('value')

/** Lines `ts value [check]`; `half`, `both`, `header` and `broken` are explained below. */
export function createPlainReader(): RecordReader {
  let held = ''
  return {
    parse(line) {
      held = line.toString()
      if (held.startsWith('header')) throw new HeaderChangedError('another one')
      if (held.startsWith('broken')) throw new TypeError('a fault of the decoder')
      return true
    },
    write: (records) => writePlainLine(held, records),
  }
}

function writePlainLine(line: string, records: RecordSink): void {
  const [ts = '', value = ''] = line.split(' ')
  if (ts === 'both') return writeTwo(records)
  records.rows.begin(START)
  if (ts === 'half') return
  records.rows.int(VALUE, Number(value))
  records.rows.end(Number(ts))
  if (value === '13') return records.reject('wrong_shape')
  const facts = { ts: Number(ts), symbol: 'A', rank: 0, rows: 1, check: Number(value) }
  records.commit({ ...facts, identity: value })
  if (value === '7') records.warn('lucky')
}

/** Two records of a line, the first of them rejected. */
function writeTwo(records: RecordSink): void {
  records.rows.begin(rowStart('wrong', { of: 'the first' }))
  records.reject('negative')
  records.rows.begin(rowStart('plain', {}))
  records.rows.end(1)
  records.commit({ ts: 1, symbol: 'A', identity: '', rank: 0, rows: 1, check: 0 })
}

/** A dataset of plain lines. */
export const PLAIN: Dataset = {
  id: 'test.plain',
  title: '',
  granularity: 'hour',
  symbols: 'named',
  symbolPattern: /^A$/,
  source: { name: '', kind: 'http', baseUrl: '', checksums: false, objects: () => [] },
  begins: 0,
  finalAfterDays: 1,
  table: dataTable({ name: 'plain', columns: {}, partitionBy: 'DAY', keys: [] }),
  symbolColumn: 'symbol',
  constants: {},
  record: ['ts', 'symbol'],
  reachMs: 0,
  checksum: '',
  inexact: [],
  formats: [{ version: 1, container: 'lz4', createReader: createPlainReader }],
}
