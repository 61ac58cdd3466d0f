import type { Dataset } from '@backtide/datasets/dataset'
import { createRegistry, registry } from '@backtide/datasets/registry'
import { describe, expect, it } from 'vitest'

function book(id = 'hyperliquid.l2_book'): Dataset {
  const dataset = registry.find(id)
  if (!dataset) throw new Error('not registered')
  return dataset
}

describe('the registry', () => {
  it('finds datasets by id', () => {
    expect(registry.all.map(({ id }) => id)).toEqual([
      'hyperliquid.l2_book',
      'hyperliquid.l2_snapshot',
      'hyperliquid.asset_ctxs',
      'hyperliquid.market_data',
      'hyperliquid.funding_archive',
      'hyperliquid.open_interest',
      'hyperliquid.fills',
      'hyperliquid.trades',
      'binance.klines',
      'hyperliquid.trades_node',
      'hyperliquid.candles',
      'hyperliquid.funding',
      'binance.trades',
      'coinmarketcap.fear_greed',
      'sample.l2_book',
      'sample.asset_ctxs',
    ])
    expect(registry.find('hyperliquid.nothing')).toBeUndefined()
    expect(registry.find('constructor')).toBeUndefined()
  })

  const good = book()
  const { table, formats } = good
  const [format] = formats
  const funding = book('hyperliquid.funding')
  const merged = (more: object) => {
    const { view } = funding.table
    return { ...funding.table, view: { ...view, merged: { ...view.merged, ...more } } }
  }
  it.each([
    ['its id is taken', [good, good]],
    ['its id is not <venue>.<kind>', [{ ...good, id: 'Hyperliquid' }]],
    ['"l2 book" is no name', [{ ...good, table: { ...table, name: 'l2 book' } }]],
    [
      '"ts;" is no name',
      [{ ...good, table: { ...table, columns: { ...table.columns, 'ts;': 'INT' } } }],
    ],
    ['no key column seq', [{ ...good, table: { ...table, keys: [...table.keys, 'seq'] } }]],
    [
      'no key column toString',
      [{ ...good, table: { ...table, keys: [...table.keys, 'toString'] } }],
    ],
    ['timestamp is not a key', [{ ...good, table: { ...table, keys: ['symbol'] } }]],
    ['symbol column is not a key', [{ ...good, table: { ...table, keys: ['ts'] } }]],
    [
      'first column is no TIMESTAMP',
      [{ ...good, table: { ...table, columns: { symbol: 'SYMBOL' }, keys: ['symbol'] } }],
    ],
    ['no symbol column coin', [{ ...good, symbolColumn: 'coin' }]],
    ['no format', [{ ...good, formats: [] }]],
    ['last format ends', [{ ...good, formats: [{ ...format, until: 5 }] }]],
    ['before its last has no end', [{ ...good, formats: [format, format] }]],
    [
      'formats are not in order',
      [{ ...good, formats: [{ ...format, until: 5 }, { ...format, until: 5 }, format] }],
    ],
    ['constant venue is no symbol', [{ ...good, constants: { venue: 'x' } }]],
    ['constant bids is no symbol', [{ ...good, constants: { bids: 'x' } }]],
    ['constant symbol is the symbol column', [{ ...good, constants: { symbol: 'x' } }]],
    ['record column exchange is a constant', [{ ...good, record: ['ts', 'symbol', 'exchange'] }]],
    ['record column bids is no key', [{ ...good, record: ['ts', 'symbol', 'bids'] }]],
    ['record column seam is Backtide', [{ ...good, record: ['ts', 'symbol', 'seam'] }]],
    ['records do not have the timestamp', [{ ...good, record: ['symbol'] }]],
    ['records do not have the symbol column', [{ ...good, record: ['ts'] }]],
    ['interval is not a key', [{ ...good, intervals: ['1m'] }]],
    ['records do not have the interval', [{ ...good, intervals: ['1m'] }]],
    ['reach of 5000.5 ms', [{ ...good, reachMs: 5000.5 }]],
    ['reach of -1 ms', [{ ...good, reachMs: -1 }]],
    ['reach of 460000000 ms', [{ ...good, reachMs: 460_000_000 }]],
    ['short after 0 ms', [{ ...good, shortAfterMs: 0 }]],
    ['short after 3600001 ms', [{ ...good, shortAfterMs: 3_600_001 }]],
    ['short after 0 ms', [{ ...good, intervals: ['1m', '1h'], shortAfterMs: { '1m': 60_000 } }]],
    ['short after 7200000 ms', [{ ...good, intervals: ['2h'], shortAfterMs: { '2h': 7_200_000 } }]],
    ['no constant tells its rows from those of', [good, { ...good, id: 'a.b' }]],
    [
      'origin is none of those that its view merges',
      [{ ...funding, table: merged({ priority: ['archive'] }) }],
    ],
    ['merged by other columns', [{ ...funding, table: merged({ by: ['ts', 'symbol'] }) }]],
    [
      'no max of its column rate',
      [
        {
          ...funding,
          table: { ...funding.table, columns: { ...funding.table.columns, rate: 'SYMBOL' } },
        },
      ],
    ],
    ['another shape', [good, { ...good, id: 'a.b', table: { ...table, partitionBy: 'HOUR' } }]],
  ])('refuses: %s', (fault, datasets) => {
    expect(() => createRegistry(datasets as Dataset[])).toThrow(fault)
  })
})

describe('the sample', () => {
  const made = registry.all.filter(({ id }) => id.startsWith('sample.'))
  const real = registry.all.filter(({ id }) => !id.startsWith('sample.'))

  it('shares no table, no bucket and no exchange with market data', () => {
    for (const { table, source, constants } of made) {
      expect(constants).toMatchObject({ exchange: 'sample' })
      expect(source).toMatchObject({ bucket: 'backtide-sample' })
      expect(real.map((one) => one.table.name)).not.toContain(table.name)
      expect(real.map((one) => one.source.name)).not.toContain(source.name)
    }
    expect(real.map(({ constants }) => constants.exchange)).not.toContain('sample')
  })

  it('is called made-up in its title', () => {
    expect(made.map(({ title }) => title)).toEqual([
      expect.stringMatching(/^Made-up .* not market data/),
      expect.stringMatching(/^Made-up .* not market data/),
    ])
  })
})

describe('a symbol of Hyperliquid', () => {
  const { symbolPattern } = book()

  it.each(['BTC', 'kPEPE', '@107', 'PURR/USDC', 'xyz:TSLA', '#123', 'A', 'x'.repeat(40)])(
    'may be %s',
    (symbol) => {
      expect(symbolPattern.test(symbol)).toBe(true)
    },
  )

  it.each([
    '',
    '.',
    '..',
    'a/../b',
    'a/./b',
    'a..b',
    '/BTC',
    'BTC/',
    'A//B',
    'A\\B',
    'BTC\n',
    'B\u0000',
    'B TC',
    '%2e',
    'x'.repeat(41),
    '*',
    "B'",
    'Ⓢ',
  ])('is not %j', (symbol) => {
    expect(symbolPattern.test(symbol)).toBe(false)
  })
})

describe('keys', () => {
  it.each([
    [
      'hyperliquid.l2_book',
      Date.UTC(2025, 0, 1, 7),
      'kPEPE',
      'market_data/20250101/7/l2Book/kPEPE.lz4',
    ],
    [
      'hyperliquid.l2_snapshot',
      Date.UTC(2023, 3, 15),
      'PURR/USDC',
      'market_data/20230415/0/l2Book/PURR/USDC.lz4',
    ],
    ['hyperliquid.asset_ctxs', Date.UTC(2026, 10, 9), '*', 'asset_ctxs/20261109.csv.lz4'],
    [
      'binance.klines',
      Date.UTC(2025, 0, 31),
      '1000SATSUSDT 15m',
      'spot/daily/klines/1000SATSUSDT/15m/1000SATSUSDT-15m-2025-01-31.zip',
    ],
    ['sample.l2_book', Date.UTC(2025, 0, 1, 7), 'BTC', 'market_data/20250101/7/l2Book/BTC.lz4'],
  ])('of %s', (id, start, symbol, key) => {
    expect(registry.find(id)?.source.objects(start, symbol)).toEqual([key])
  })
})
