import { hyperliquidTradesNode } from '@backtide/datasets/hyperliquid/trades-node'
import { describe, expect, it } from 'vitest'
import { decodeObject } from '../../contract/decode.ts'
import { writeFrame } from '../../contract/lz4-writer.ts'

const HOUR = Date.UTC(2025, 4, 1, 7)
const OBJECT = { symbol: '*', from: HOUR, to: HOUR + 3_600_000 }

interface Change {
  readonly coin?: string
  readonly sz?: string
  readonly time?: string
  readonly orders?: readonly number[]
  readonly startPosition?: string
}

function line(change: Change = {}): string {
  const { coin = 'BTC', sz = '1.0', time = '2025-05-01T07:00:01.000000001' } = change
  const sides = (change.orders ?? [12, 34]).map((oid) => {
    return {
      user: '0x1',
      start_pos: change.startPosition ?? '0.0',
      oid,
      twap_id: null,
      cloid: null,
    }
  })
  const start = { coin, side: 'B', time, px: '94000.0', sz, hash: '0x0' }
  return JSON.stringify({ ...start, trade_dir_override: 'Na', side_info: sides })
}

function decode(...lines: readonly string[]) {
  const text = lines.map((one) => `${one}\n`).join('')
  return decodeObject(hyperliquidTradesNode, OBJECT, writeFrame(Buffer.from(text)))
}

function idsOf({ rows }: ReturnType<typeof decode>): unknown {
  return rows.map(({ values }) => [values.trade_id, values.size])
}

it('finds an hour of all coins in one object, its hour not padded', () => {
  expect(hyperliquidTradesNode.source.objects(HOUR, '*')).toEqual([
    'node_trades/hourly/20250501/7.lz4',
  ])
})

describe('the id of a trade', () => {
  it('is made of both orders, the buyer’s first', () => {
    expect(idsOf(decode(line({ orders: [34, 12] })))).toEqual([['34-12', 1]])
  })

  it('has an ordinal where the same orders meet again at one time, so none is lost', () => {
    const lines = ['1.0', '2.0', '3.0'].map((sz) => line({ sz }))
    const decoded = decode(...lines)
    expect(idsOf(decoded)).toEqual([
      ['12-34', 1],
      ['12-34-2', 2],
      ['12-34-3', 3],
    ])
    expect(decoded.tally).toMatchObject({ distinctRows: 3, supersededRows: 0, warnings: {} })
  })

  it('tells trades apart that differ only in what is not stored', () => {
    expect(idsOf(decode(line(), line({ startPosition: '1.0' })))).toEqual([
      ['12-34', 1],
      ['12-34-2', 1],
    ])
  })

  it('has none for the same line again, wherever it stands', () => {
    const [a, b] = [line(), line({ sz: '2.0' })]
    const decoded = decode(a, b, line({ time: '2025-05-01T07:00:02' }), b, a)
    expect(idsOf(decoded)).toEqual([
      ['12-34', 1],
      ['12-34-2', 2],
      ['12-34', 1],
    ])
    expect(decoded.tally.warnings).toEqual({ duplicate: 2 })
  })

  it('has none at another time, nor of another coin', () => {
    const other = line({ time: '2025-05-01T07:00:01.000001' })
    expect(idsOf(decode(line(), other, line({ coin: 'ETH' })))).toEqual([
      ['12-34', 1],
      ['12-34', 1],
      ['12-34', 1],
    ])
  })

  it('is the same whenever the object is read', () => {
    const lines = ['1.0', '2.0', '1.5'].map((sz) => line({ sz }))
    expect(decode(...lines).bytes.equals(decode(...lines).bytes)).toBe(true)
  })
})

it.each([
  ['BTC', 'perp'],
  ['kPEPE', 'perp'],
  ['xyz:TSLA', 'perp'],
  ['@107', 'spot'],
  ['PURR/USDC', 'spot'],
  ['#123', 'outcome'],
])('knows the market of %s: %s', (coin, market) => {
  expect(decode(line({ coin })).rows[0]?.values).toMatchObject({ symbol: coin, market })
})
