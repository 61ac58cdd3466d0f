import { doubleColumn, rowStart, textColumn } from '@backtide/datasets/ilp/names'
import { RowBlock } from '@backtide/datasets/ilp/row-block'
import { RowWriter } from '@backtide/datasets/ilp/row-writer'
import fc from 'fast-check'
import { expect, it } from 'vitest'

const START = rowStart('levels', { ticker: 'a b' })
const LEVEL = textColumn('level')
const PRICE = doubleColumn('price')
const SIZE = doubleColumn('size')

it('gives the bytes that a writer would write row by row', () => {
  const double = fc.double({ noNaN: true, noDefaultInfinity: true })
  const rows = fc.array(fc.tuple(double, double), { maxLength: 12 })
  const block = new RowBlock(12, { start: START, counter: LEVEL, doubles: [PRICE, SIZE] })
  fc.assert(
    fc.property(rows, fc.integer({ min: 10 ** 15, max: 2 ** 53 - 1 }), (all, ts) => {
      const writer = new RowWriter()
      for (const [row, [price, size]] of all.entries()) {
        writer.begin(START)
        writer.int(LEVEL, row)
        writer.double(PRICE, price)
        writer.double(SIZE, size)
        writer.end(ts)
        block.put(2 * row, price)
        block.put(2 * row + 1, size)
      }
      expect(writer.slice().equals(block.take(all.length, ts))).toBe(true)
    }),
  )
})
