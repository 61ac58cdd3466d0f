import { HOUR_MS } from '@backtide/core/range'
import { countObjects } from '@backtide/datasets/count-objects'
import type { Dataset } from '@backtide/datasets/dataset'
import { expect, it } from 'vitest'

const START = Date.UTC(2025, 6, 27)

it('Objects are counted by their keys: a partition at the seam of two archives has two', () => {
  let asked = 0
  const dataset = {
    granularity: 'hour',
    source: {
      objects: (start: number, series: string) => {
        asked += 1
        return start === START + 8 * HOUR_MS ? [`old/${series}`, `new/${series}`] : [series]
      },
    },
  } as unknown as Dataset
  const day = { from: START, to: START + 24 * HOUR_MS }
  expect(countObjects(dataset, day, ['BTC', 'ETH'])).toBe(50)
  expect(countObjects(dataset, day, ['SOL'])).toBe(25)
  expect(asked).toBe(24)
  expect(countObjects(dataset, day, [])).toBe(0)
})
