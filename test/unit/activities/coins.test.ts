import { findOddCoins } from '@backtide/activities/control/coins'
import type { ObjectStore } from '@backtide/activities/objects/object-store'
import { FAILURE } from '@backtide/core/failure'
import { DAY_MS, HOUR_MS } from '@backtide/core/range'
import { binanceTrades } from '@backtide/datasets/binance/trades'
import type { Dataset } from '@backtide/datasets/dataset'
import { hyperliquidAssetCtxs } from '@backtide/datasets/hyperliquid/asset-ctxs'
import { hyperliquidFunding } from '@backtide/datasets/hyperliquid/funding'
import { hyperliquidL2Book } from '@backtide/datasets/hyperliquid/l2-book'
import { ApplicationFailure } from '@temporalio/common'
import { describe, expect, it } from 'vitest'

const FROM = Date.UTC(2025, 0, 1)
const RANGE = { from: FROM, to: FROM + 10 * DAY_MS }

interface Held {
  readonly keys: readonly string[]
  readonly lists?: boolean
  readonly broken?: boolean
}

/** An archive of some keys, and what it was asked. */
function archiveOf({ keys, lists = true, broken = false }: Held) {
  const asked: string[] = []
  const objects: Pick<ObjectStore, 'list' | 'open'> = {
    list: async (prefix) => {
      if (!lists) return undefined
      asked.push(prefix)
      return keys.filter((key) => key.startsWith(prefix))
    },
    open: async (key) => {
      asked.push(key)
      if (broken) throw new Error('refused')
      if (!keys.includes(key)) return { state: 'absent' }
      const body = (async function* () {})()
      return { state: 'found', etag: 'e', size: 1, body, close: () => {} }
    },
  }
  return { objects, asked }
}

const booksAt = (start: number, ...coins: readonly string[]) =>
  coins.flatMap((coin) => hyperliquidL2Book.source.objects(start, coin))

async function look(held: Held, symbols: readonly string[], dataset: Dataset = hyperliquidL2Book) {
  const { objects, asked } = archiveOf(held)
  const { signal } = new AbortController()
  const told = await findOddCoins({ dataset, objects, signal }, { range: RANGE, symbols }).catch(
    (error: unknown) => error,
  )
  return { told, asked }
}

const BOOKS = booksAt(FROM, 'BTC', 'ETH', 'kPEPE', 'PURR/USDC', '@107')

describe('Coins of an archive that lists', () => {
  it('are all known: nothing is told, after four requests for 170 of them', async () => {
    const coins = Array.from({ length: 170 }, (_, index) => `COIN${index}`)
    const { told, asked } = await look({ keys: booksAt(FROM, ...coins) }, coins)
    expect(told).toEqual([])
    expect(asked).toHaveLength(4)
  })

  it('that are nowhere it looked are told beside those that are there', async () => {
    const { told } = await look({ keys: BOOKS }, ['BTC', 'PEPE', 'btc'])
    expect(told).toEqual([
      'coins not in the archive of hyperliquid.l2_book at 2025-01-01T00, 2025-01-04T08, ' +
        '2025-01-07T15, 2025-01-10T23, which has others there: "PEPE", "btc". ' +
        'Did you mean "BTC", "kPEPE"?',
    ])
  })

  it.each([
    ['btc', 'BTC'],
    ['BTC-USD', 'BTC'],
    ['PEPE', 'kPEPE'],
    ['kpepe', 'kPEPE'],
    ['purr/usdc', 'PURR/USDC'],
  ])('are refused when none is there and one is like it: %s for %s', async (coin, meant) => {
    const { told } = await look({ keys: BOOKS }, [coin])
    expect(told).toBeInstanceOf(ApplicationFailure)
    expect(told).toMatchObject({ type: FAILURE.badRequest, nonRetryable: true })
    expect(String(told)).toContain(`Did you mean "${meant}"? Start it again`)
  })

  it('that are like none are told, and loaded all the same', async () => {
    const { told } = await look({ keys: BOOKS }, ['DOGE'])
    expect(told).toEqual([expect.stringMatching(/others there: "DOGE"\.$/)])
  })

  it('may be there at the end of the range only', async () => {
    const last = RANGE.to - HOUR_MS
    const keys = [...BOOKS, ...booksAt(last, 'NEW')]
    expect((await look({ keys }, ['NEW'])).told).toEqual([])
  })

  it('are not judged by partitions that it does not have', async () => {
    expect((await look({ keys: [] }, ['btc'])).told).toEqual([])
  })
})

describe('Coins of an archive that does not list', () => {
  const [key = ''] = binanceTrades.source.objects(FROM, 'BTCUSDT')

  it('are asked for one by one, as what is like them', async () => {
    const { told } = await look({ keys: [key], lists: false }, ['BTC'], binanceTrades)
    expect(String(told)).toContain('Did you mean "BTCUSDT"?')
    const both = await look({ keys: [key], lists: false }, ['BTCUSDT', 'NONE'], binanceTrades)
    expect(both.told).toEqual([expect.stringContaining('"NONE"')])
    expect(both.asked.length).toBeLessThan(12)
  })

  it('are not judged by what is refused', async () => {
    const { told } = await look({ keys: [key], lists: false, broken: true }, ['BTC'], binanceTrades)
    expect(told).toEqual([])
  })
})

it.each([
  ['hold all coins', '*', hyperliquidAssetCtxs],
  ['are behind requests', 'btc', hyperliquidFunding],
])('Objects that %s are not looked at', async (_, series, dataset) => {
  const { told, asked } = await look({ keys: [] }, [series], dataset)
  expect([told, asked]).toEqual([[], []])
})
