import { addSamples, estimateRows, sizeEstimate } from '@backtide/core/estimate'
import { expect, it } from 'vitest'

const KNOWN = new Map([
  ['BTC', { objects: 10, bytes: 10_000, rows: 500 }],
  ['ETH', { objects: 10, bytes: 5_000, rows: 100 }],
  ['NEW', { objects: 1, bytes: 9, rows: 1 }],
])

it('An object is likely as large as others of its series, or as those of all', () => {
  const sizeOf = sizeEstimate(KNOWN, 7)
  expect(sizeOf('BTC')).toBe(1_000)
  expect(sizeOf('ETH')).toBe(500)
  // One object is not enough to go by.
  expect(sizeOf('NEW')).toBeCloseTo(15_009 / 21, 10)
  expect(sizeOf('SOL')).toBeCloseTo(15_009 / 21, 10)
})

it('Where nothing is known an object is as large as its source says', () => {
  expect(sizeEstimate(new Map(), 7)('BTC')).toBe(7)
  expect(sizeEstimate(new Map())('BTC')).toBe(0)
})

it('Rows follow from bytes, and are not known where nothing is', () => {
  const all = addSamples([...KNOWN.values()])
  expect(all).toEqual({ objects: 21, bytes: 15_009, rows: 601 })
  expect(estimateRows(all, 30_018)).toBe(1_202)
  expect(estimateRows(addSamples([]), 30_000)).toBeUndefined()
})
