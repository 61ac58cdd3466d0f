import type { Dataset } from '@backtide/datasets/dataset'
import { registry } from '@backtide/datasets/registry'
import { describe, expect, it } from 'vitest'
import { decodeObject } from '../../contract/decode.ts'
import { writeFrame } from '../../contract/lz4-writer.ts'

const HEADER =
  'time,coin,funding,open_interest,prev_day_px,day_ntl_vlm,premium,oracle_px,mark_px,mid_px,impact_bid_px,impact_ask_px'
const DAY = { symbol: '*', from: Date.UTC(2025, 0, 1), to: Date.UTC(2025, 0, 2) }

function find(id: string): Dataset {
  const dataset = registry.find(id)
  if (!dataset) throw new Error(`${id} is not registered`)
  return dataset
}

function decode(id: string, ...lines: readonly string[]) {
  const text = [HEADER, ...lines.map((line) => `2025-01-01T${line}`)].join('\n')
  return decodeObject(find(id), DAY, writeFrame(Buffer.from(`${text}\n`)))
}

describe.each(['hyperliquid.funding_archive', 'hyperliquid.open_interest'])('%s', (id) => {
  it('has of contexts of one minute the last one, in whatever order they come', () => {
    const [second, first, third] = [
      '00:00:30Z,BTC,2,2,1,2,1,1,1,1,1,1',
      '00:00:00Z,BTC,1,1,1,1,1,1,1,1,1,1',
      '00:00:59.999999Z,BTC,3,3,1,3,1,1,1,1,1,1',
    ] as const
    for (const lines of [
      [first, second, third],
      [third, second, first],
      [second, third, first],
    ]) {
      const { rows, tally } = decode(id, ...lines)
      expect(rows).toEqual([expect.objectContaining({ ts: DAY.from * 1000 }) as unknown])
      expect(Object.values(rows[0]?.values ?? {})).toContain(3)
      expect(tally).toMatchObject({ rows: 3, distinctRows: 1, supersededRows: 2, rejected: {} })
    }
  })

  it('keeps a minute of which nothing is said: the next object may know more', () => {
    const { rows } = decode(id, '00:00:00Z,BTC,,null,,,,,,,,')
    expect(rows[0]?.values).toEqual({
      exchange: 'hyperliquid',
      market: 'perp',
      symbol: 'BTC',
      origin: 'archive',
    })
  })
})

describe('open interest', () => {
  it('is worth nothing that can be said without a mark price, or beyond what a double holds', () => {
    const { rows } = decode(
      'hyperliquid.open_interest',
      '00:00:00Z,BTC,0,2.5,1,0,0,1,4,1,1,1',
      '00:01:00Z,BTC,0,2.5,1,0,0,1,0.0,1,1,1',
      '00:02:00Z,BTC,0,1e300,1,0,0,1,1e300,1,1,1',
    )
    expect(rows.map(({ values }) => values.notional)).toEqual([10, undefined, undefined])
  })

  it('may be negative, which is kept and warned of', () => {
    const { rows, tally } = decode(
      'hyperliquid.open_interest',
      '00:00:00Z,BTC,0,-2,1,0,0,1,4,1,1,1',
    )
    expect(rows[0]?.values).toMatchObject({ open_interest: -2, notional: -8 })
    expect(tally.warnings).toEqual({ negative_open_interest: 1 })
  })
})

function categoriesOf(...lines: readonly string[]) {
  return decode('hyperliquid.market_data', ...lines).rows.map(({ values }) => values.category)
}

describe('market_data', () => {
  it('has the categories of AnySignal, and no impact prices, which it does not know', () => {
    expect(categoriesOf('00:00:00Z,BTC,1,1,1,1,1,1,1,1,1,1')).toEqual([
      'open_interest',
      'funding',
      'mark_px',
      'oracle_px',
      'prev_day_px',
      'day_ntl_vlm',
      'mid_px',
      'premium',
    ])
  })

  it('leaves out what the archive does not have, and has a row without a value for nothing', () => {
    expect(categoriesOf('00:00:00Z,BTC,0.0,0.0,0.0,0.0,0.0,0.0,0.0,0.0,0.0,0.0')).toEqual([
      'funding',
      'day_ntl_vlm',
    ])
    const { rows, tally } = decode('hyperliquid.market_data', '00:00:00Z,BTC,,,,,,,,,1,1')
    expect(rows.map(({ values }) => values)).toEqual([
      { category: 'none', ticker: 'BTC', source: 'HYPERLIQUID_S3' },
    ])
    expect(tally).toMatchObject({ rows: 1, distinctRows: 1 })
  })

  it('keeps rows off the minute at their own time', () => {
    const { rows } = decode('hyperliquid.market_data', '00:00:59.5Z,BTC,1,1,1,1,1,1,1,1,1,1')
    expect(new Set(rows.map(({ ts }) => ts))).toEqual(new Set([DAY.from * 1000 + 59_500_000]))
  })
})
