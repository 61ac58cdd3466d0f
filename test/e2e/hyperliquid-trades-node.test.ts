import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { writeFrame } from '../contract/lz4-writer.ts'
import { openArchive } from '../helpers/archive.ts'
import { openBacktide, startWorker, type Backtide } from '../helpers/backtide.ts'
import { ownServers } from '../helpers/servers.ts'
import { tradeRows, type TradeRow } from '../helpers/trades.ts'

const servers = ownServers(import.meta.filename)
const archive = openArchive(servers.s3, 'hl-mainnet-node-data')
let backtide: Backtide
let worker: AsyncDisposable

beforeAll(async () => {
  backtide = await openBacktide(servers)
  // The gateway answers for one region, and the bucket is in another.
  const { region } = servers.s3
  worker = await startWorker(servers, { sources: { 'hyperliquid-node-data': { region } } })
})

afterAll(async () => {
  await worker[Symbol.asyncDispose]()
  await backtide[Symbol.asyncDispose]()
})

interface NodeTrade {
  readonly coin: string
  /** As a node writes it: UTC, nanoseconds. */
  readonly time: string
  readonly size: string
  readonly orders: readonly [number, number]
}

/** Objects of a day, by hour. */
async function put(day: string, hour: number, trades: readonly NodeTrade[]): Promise<void> {
  const lines = trades.map(({ coin, time, size: sz, orders }) => {
    const sides = orders.map((oid) => ({ user: '0x1', start_pos: '0.0', oid }))
    return `${JSON.stringify({ coin, side: 'B', time, px: '94000.0', sz, hash: '0x0', side_info: sides })}\n`
  })
  const key = `node_trades/hourly/${day.replaceAll('-', '')}/${hour}.lz4`
  await archive.put(key, writeFrame(Buffer.from(lines.join(''))))
}

async function load(day: string, more: object = {}) {
  const range = { from: `${day}T09:00:00Z`, to: `${day}T12:00:00Z` }
  return await backtide.ended(
    await backtide.start({ dataset: 'hyperliquid.trades_node', ...range, ...more }),
  )
}

/** Trades from the first to the last minute of an hour, so that it is not cut short. */
function hourOf(day: string, hour: number, first: number): NodeTrade[] {
  return Array.from({ length: 30 }, (_, at) => ({
    coin: at % 3 === 0 ? '@107' : 'BTC',
    time: `${day}T${String(hour).padStart(2, '0')}:${String(at * 2).padStart(2, '0')}:00.123456789`,
    size: `${first + at}.5`,
    orders: [first + at, first + at + 1],
  }))
}

function rowOf({ coin, time, size, orders }: NodeTrade): TradeRow {
  const market = coin === '@107' ? 'spot' : 'perp'
  return [`${time.slice(0, 26)}Z`, market, 'buy', orders.join('-'), 94_000, Number(size)]
}

function expected(trades: readonly NodeTrade[], coin: string): TradeRow[] {
  return trades.filter((trade) => trade.coin === coin).map(rowOf)
}

async function rowsOf(coin: string, day: string) {
  const rows = await tradeRows(backtide.store, 'hyperliquid', coin)
  return rows.filter(([ts]) => ts.startsWith(day))
}

describe('a backfill of hyperliquid.trades_node', () => {
  it('gives exactly the trades of every coin, and says which hours are not there', async () => {
    const day = '2025-04-05'
    const [nine, ten] = [hourOf(day, 9, 1000), hourOf(day, 10, 2000)]
    // The first trade of an object is stamped in the hour before.
    const time = `${day}T09:59:59.999999999`
    const spilled: NodeTrade = { ...(ten[1] as NodeTrade), time, orders: [1, 2] }
    const all = [...nine, spilled, ...ten]
    await put(day, 9, nine)
    await put(day, 10, all.slice(nine.length))
    const status = await load(day)
    expect(status).toMatchObject({ counts: { complete: 2, missing: 1 }, rows: 61 })
    for (const coin of ['BTC', '@107']) {
      expect(await rowsOf(coin, day)).toEqual(expected(all, coin))
    }
  })

  it('keeps every trade of two orders that meet twice at one time', async () => {
    const day = '2025-04-07'
    const trades = hourOf(day, 9, 1000)
    const again = { ...(trades[1] as NodeTrade), size: '7.5' }
    await put(day, 9, [...trades, again])
    await load(day)
    const rows = [...expected(trades, 'BTC'), rowOf(again)].toSorted((a, b) =>
      a[0] < b[0] ? -1 : 1,
    )
    const found = await rowsOf('BTC', day)
    expect(found.filter(([, , , id]) => id === '1001-1002-2')).toEqual([
      [rowOf(again)[0], 'perp', 'buy', '1001-1002-2', 94_000, 7.5],
    ])
    expect(found.map((row) => row.at(-1))).toEqual(rows.map((row) => row.at(-1)))
  })

  it('gives the trades of an object that was replaced, and nothing of the one before', async () => {
    const day = '2025-04-09'
    const before = hourOf(day, 10, 1000)
    await put(day, 10, before)
    expect(await load(day)).toMatchObject({ counts: { complete: 1, missing: 2 } })
    const after = before.toSpliced(4, 2)
    await put(day, 10, after)
    expect(await load(day, { reprocess: 'changed' })).toMatchObject({
      counts: { complete: 1, missing: 2 },
    })
    expect(await rowsOf('BTC', day)).toEqual(expected(after, 'BTC'))
    expect(await rowsOf('@107', day)).toEqual(expected(after, '@107'))
  })
})
