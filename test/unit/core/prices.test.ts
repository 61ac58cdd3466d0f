import { addUsage, costOf, formatUsd, ratesOf } from '@backtide/core/prices'
import { describe, expect, it } from 'vitest'

const ARCHIVE = {
  name: 'hyperliquid-archive',
  kind: 's3',
  region: 'us-east-1',
  requesterPays: true,
}

describe('What a source costs', () => {
  it('is the list price of its region where the requester pays', () => {
    const rates = ratesOf(ARCHIVE, {})
    expect(costOf({ gets: 0, lists: 0, bytes: 2 ** 30 }, rates)).toBeCloseTo(0.09, 10)
    expect(costOf({ gets: 1_000_000, lists: 0, bytes: 0 }, rates)).toBeCloseTo(0.4, 10)
    expect(costOf({ gets: 0, lists: 1_500, bytes: 0 }, rates)).toBeCloseTo(0.0075, 10)
    const tokyo = ratesOf({ ...ARCHIVE, region: 'ap-northeast-1' }, {})
    expect(costOf({ gets: 0, lists: 0, bytes: 2 ** 30 }, tokyo)).toBeCloseTo(0.114, 10)
  })

  it('is never less than that of any known region where the region is not known', () => {
    const usage = { gets: 1000, lists: 1000, bytes: 2 ** 30 }
    const unknown = costOf(usage, ratesOf({ ...ARCHIVE, region: 'sa-east-9' }, {}))
    for (const region of ['us-east-1', 'eu-central-1', 'ap-northeast-1']) {
      expect(unknown).toBeGreaterThan(costOf(usage, ratesOf({ ...ARCHIVE, region }, {})))
    }
  })

  it('is nothing where the owner pays, over HTTP, and at another endpoint', () => {
    expect(ratesOf({ ...ARCHIVE, requesterPays: false }, {})).toBeUndefined()
    expect(ratesOf({ name: 'binance-files', kind: 'http' }, {})).toBeUndefined()
    expect(ratesOf(ARCHIVE, { endpoint: 'http://127.0.0.1:7070' })).toBeUndefined()
    expect(costOf({ gets: 9, lists: 9, bytes: 9 }, undefined)).toBe(0)
  })

  it('is what was configured for it, wherever it is, and free when that is nothing', () => {
    const own = { perGiB: 1, perThousandGets: 1000, perThousandLists: 0 }
    const pricing = { endpoint: 'http://127.0.0.1:7070', prices: { [ARCHIVE.name]: own } }
    expect(ratesOf(ARCHIVE, pricing)).toEqual(own)
    const nothing = { perGiB: 0, perThousandGets: 0, perThousandLists: 0 }
    expect(ratesOf(ARCHIVE, { prices: { [ARCHIVE.name]: nothing } })).toBeUndefined()
  })
})

it('Usages add up, and sums of any size can be read', () => {
  const usage = { gets: 1, lists: 2, bytes: 3 }
  expect(addUsage(usage, usage)).toEqual({ gets: 2, lists: 4, bytes: 6 })
  expect([0, 0.00001, 0.00345, 12.4].map(formatUsd)).toEqual([
    '$0.00',
    'less than $0.0001',
    '$0.0034',
    '$12.40',
  ])
})
