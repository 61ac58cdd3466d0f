import { readFileSync } from 'node:fs'
import { ConfigError } from '@backtide/config/config-error'
import { readStarlistings } from '@backtide/config/starlistings'
import { describe, expect, it } from 'vitest'

const EXAMPLE = readFileSync(new URL('../../../starlistings.example.yaml', import.meta.url), 'utf8')

function faultsOf(text: string): readonly string[] {
  try {
    readStarlistings(text, 'my.yaml')
    return []
  } catch (error) {
    if (error instanceof ConfigError) return error.faults
    throw error
  }
}

const changed = (from: string, to: string) => faultsOf(EXAMPLE.replace(from, to))

const spot = (coin: string) => `
starlistings:
  - { exchange: hyperliquid, coin: ${coin}, quote: USDC, market_type: spot, intervals: [1h] }`

describe('Starlistings', () => {
  it("are Kirby's eight in the example", () => {
    const read = readStarlistings(EXAMPLE, 'my.yaml')
    expect(read.map(({ name }) => name)).toEqual(
      ['BTC', 'SOL'].flatMap((coin) =>
        ['1m', '15m', '4h', '1d'].map((interval) => `hyperliquid/${coin}/USD/perps/${interval}`),
      ),
    )
    expect(read[1]).toMatchObject({ dataset: 'hyperliquid.candles', coin: 'BTC', interval: '15m' })
  })

  it('that are not active are left out', () => {
    const read = readStarlistings(EXAMPLE.replace(/active: true\s*$/, 'active: false'), 'my.yaml')
    expect(new Set(read.map(({ coin }) => coin))).toEqual(new Set(['BTC']))
  })

  it.each([
    ['    coin: SOL', '    coins: SOL', /^my\.yaml:33:\d+: nothing is called "coins"$/],
    ['    coin: SOL', '    coin: DOGE', /^my\.yaml:33:11: "DOGE" is not declared above: BTC, SOL$/],
    [
      '[1m, 15m, 4h, 1d]',
      '[1m, 7m]',
      /^my\.yaml:30:21: "7m" is no interval of hyperliquid\.candles/,
    ],
    [
      '    market_type: perps',
      '    market_type: futures',
      /^my\.yaml:29:18: "futures" is not declared/,
    ],
    ['exchange: hyperliquid', 'exchange: nyse', /^my\.yaml:26:15: .*"nyse".* there are those of/],
    ['[1m, 15m, 4h, 1d]', '[1m, 15m', /^my\.yaml:\d+:\d+: Flow sequence/],
    [
      'intervals: [1m, 15m, 4h, 1d]',
      'intervals: []',
      /^my\.yaml:30:16: starlistings\.0\.intervals/,
    ],
  ])('with %s as %s are refused with line and column', (from, to, fault) => {
    expect(changed(from, to)).toContainEqual(expect.stringMatching(fault))
  })

  it('with an alias that has no anchor are refused as any file of settings is', () => {
    expect(faultsOf('starlistings: *mine')).toEqual([
      expect.stringMatching(/^my\.yaml:1:15: the alias mine has no anchor/),
    ])
  })

  it('of spot are named by the number that the venue gives them', () => {
    expect(readStarlistings(spot("'@107'"), 'my.yaml')[0]).toMatchObject({ coin: '@107' })
    expect(faultsOf(spot('HYPE'))).toEqual([expect.stringMatching(/^my\.yaml:3:\d+: "HYPE\/USDC"/)])
    const binance = spot('BTC').replace('hyperliquid', 'binance').replace('USDC', 'USDT')
    expect(readStarlistings(binance, 'my.yaml')).toMatchObject([
      { dataset: 'binance.klines', coin: 'BTCUSDT', interval: '1h' },
    ])
  })
})
