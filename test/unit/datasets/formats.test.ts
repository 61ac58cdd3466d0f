import type { Format, RecordReader, RecordSink, RejectReason } from '@backtide/datasets/dataset'
import { rowStart, textColumn } from '@backtide/datasets/ilp/names'
import { readHeader, sniffHeader, type Positions } from '@backtide/datasets/values/csv-header'
import { parseAmount } from '@backtide/datasets/values/decimal'
import { describe, expect, it } from 'vitest'
import { decodeObject } from '../../contract/decode.ts'
import { writeZip } from '../../contract/zip-writer.ts'
import { HOUR, PLAIN } from './plain-dataset.ts'

const START = rowStart('plain', {})
const VALUE = textColumn('value')

/** A record of all readers here: a time and a value. */
interface Trade {
  readonly ts: number
  readonly value: number
}

function writeTrade({ ts, value }: Trade, records: RecordSink): void {
  records.rows.begin(START)
  records.rows.int(VALUE, value)
  records.rows.end(ts)
  records.commit({ ts, symbol: 'A', identity: value, rank: 0, rows: 1, check: value })
}

function decode(createReader: () => RecordReader, text: string, container: Format['container']) {
  const bytes = Buffer.from(text)
  const dataset = { ...PLAIN, formats: [{ version: 1, container, createReader }] }
  return decodeObject(dataset, HOUR, container === 'zip' ? writeZip([bytes]) : bytes)
}

function tradesOf({ rows }: ReturnType<typeof decode>): unknown {
  return rows.map(({ ts, values }) => [ts, values.value])
}

const COLUMNS = ['ts', 'value'] as const

/** Rows of two numbers, in an order that a header may give. */
class CsvReader implements RecordReader {
  #positions: Positions<'ts' | 'value'> = { ts: 0, value: 1 }
  #held: Trade = { ts: 0, value: 0 }
  readonly header?: (line: Buffer) => boolean

  constructor(header: 'never' | 'always' | 'maybe') {
    const find = header === 'always' ? readHeader : sniffHeader
    if (header !== 'never') this.header = (line) => this.#take(find(line, COLUMNS))
  }

  #take(positions: Positions<'ts' | 'value'> | undefined): boolean {
    if (positions) this.#positions = positions
    return positions !== undefined
  }

  parse(line: Buffer): true | RejectReason {
    const cells = line.toString().split(',')
    const ts = parseAmount(cells[this.#positions.ts])
    const value = parseAmount(cells[this.#positions.value])
    if (typeof ts === 'string') return ts
    if (typeof value === 'string') return value
    this.#held = { ts, value }
    return true
  }

  write(records: RecordSink): void {
    writeTrade(this.#held, records)
  }
}

describe('rows of CSV', () => {
  const expected = [
    [1, 10],
    [2, 20],
  ]

  it('begin with the first line where files have no header', () => {
    const decoded = decode(() => new CsvReader('never'), '1,10\n2,20\n', 'zip')
    expect(tradesOf(decoded)).toEqual(expected)
    expect(decoded.tally).toMatchObject({ lines: 2, rejected: {} })
  })

  it('are read by the header where files have one', () => {
    const decoded = decode(() => new CsvReader('always'), 'value,ts\n10,1\n20,2\n', 'zip')
    expect(tradesOf(decoded)).toEqual(expected)
    expect(decoded.tally).toMatchObject({ lines: 3, rejected: {} })
  })

  it.each(['value,ts\n10,1\nvalue,ts\n20,2\n', '1,10\n2,20\n', '\uFEFFts,value\r\n1,10\r\n2,20'])(
    'are read with a header and without one where some files have it: %j',
    (text) => {
      const decoded = decode(() => new CsvReader('maybe'), text, 'none')
      expect(tradesOf(decoded)).toEqual(expected)
      expect(decoded.tally.rejected).toEqual({})
    },
  )

  it.each<['always' | 'maybe', string, string]>([
    ['always', '1,10\n2,20\n', 'missing "ts", "value"'],
    ['maybe', 'ts,value,maker\n1,10,true\n', 'new "maker"'],
    ['maybe', 'time,worth\n1,10\n', 'missing "ts", "value"'],
  ])('are refused under a header that is not known (%s, %j)', (header, text, difference) => {
    const { rows, tally } = decode(() => new CsvReader(header), text, 'none')
    expect(rows).toEqual([])
    expect(tally.refused).toContain(difference)
  })
})

/** Lines that are arrays of records. With `whole` a line is loaded whole or not at all. */
function createArrayReader(whole: boolean): RecordReader {
  let held: readonly (Trade | RejectReason)[] = []
  return {
    parse(line) {
      const elements: unknown = JSON.parse(line.toString())
      if (!Array.isArray(elements)) return 'wrong_shape'
      held = elements.map(readElement)
      const fault = held.find((each) => typeof each === 'string')
      return (whole ? fault : undefined) ?? true
    },
    write(records) {
      for (const each of held) {
        if (typeof each === 'string') records.reject(each)
        else writeTrade(each, records)
      }
    },
  }
}

function readElement(element: { readonly t: number; readonly v: number }): Trade | RejectReason {
  return element.v < 0 ? 'negative' : { ts: element.t, value: element.v }
}

describe('a line of many records', () => {
  const good = '[{"t":1,"v":10},{"t":1,"v":11},{"t":2,"v":12}]'
  const bad = '[{"t":3,"v":13},{"t":4,"v":-1},{"t":5,"v":15}]'

  it('gives all of them, in time order with those of other lines', () => {
    const decoded = decode(() => createArrayReader(true), `[{"t":2,"v":9}]\n[]\n${good}\n`, 'none')
    expect(tradesOf(decoded)).toEqual([
      [1, 10],
      [1, 11],
      [2, 9],
      [2, 12],
    ])
    expect(decoded.tally).toMatchObject({ lines: 3, rows: 4, rejected: {} })
  })

  it('is rejected whole for one that is bad, where records of a line belong together', () => {
    const decoded = decode(() => createArrayReader(true), `${good}\n${bad}\n`, 'none')
    expect(tradesOf(decoded)).toEqual([
      [1, 10],
      [1, 11],
      [2, 12],
    ])
    expect(decoded.tally).toMatchObject({ rows: 3, rejected: { negative: 1 }, samples: [bad] })
  })

  it('keeps the others where each stands for itself, as in a document', () => {
    const decoded = decode(() => createArrayReader(false), bad, 'none')
    expect(tradesOf(decoded)).toEqual([
      [3, 13],
      [5, 15],
    ])
    expect(decoded.tally).toMatchObject({ rows: 2, rejected: { negative: 1 }, samples: [bad] })
  })
})

/** Lines of three channels; the scanner knows two of them. */
function createChannelReader(scans: boolean): RecordReader {
  const reader = new CsvReader('never')
  const read = (line: Buffer) => {
    if (line.toString().startsWith('book')) return 'skipped'
    return line.toString().startsWith('trade') ? reader.parse(line.subarray(6)) : 'wrong_channel'
  }
  const scan = (line: Buffer) => {
    const reading = read(line)
    return reading === true || reading === 'skipped' ? reading : false
  }
  return { parse: read, write: (records) => reader.write(records), ...(scans ? { scan } : {}) }
}

describe('lines of another channel', () => {
  const text = 'trade 1,10\nbook 1,99\nbook 5,98\ntrade 2,20\nnews\n'

  it.each([true, false])('are skipped and counted, and not rejected (scanned: %s)', (scans) => {
    const decoded = decode(() => createChannelReader(scans), text, 'none')
    expect(tradesOf(decoded)).toEqual([
      [1, 10],
      [2, 20],
    ])
    const { tally } = decoded
    expect(tally).toMatchObject({ lines: 5, skipped: 2, rejected: { wrong_channel: 1 } })
    expect(tally).toMatchObject({ samples: ['news'], fallbacks: scans ? 1 : 0 })
  })
})
