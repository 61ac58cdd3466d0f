import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { addScope, collectCoins, readScope, type ScopeOptions } from '@backtide/cli/options'
import { backfillsOf } from '@backtide/cli/starlistings'
import { Command } from 'commander'
import { describe, expect, it } from 'vitest'

const NOW = Date.UTC(2026, 10, 21, 12, 30)

function read(...argv: string[]) {
  const command = addScope(new Command())
    .exitOverride()
    .configureOutput({ writeErr: () => {} })
  return readScope(command.parse(argv, { from: 'user' }).opts<ScopeOptions>(), NOW)
}

describe('A range', () => {
  it.each([
    ['--last', '24h', '2026-11-20T12:00:00Z', '2026-11-21T12:00:00Z'],
    ['--last', '7d', '2026-11-14T00:00:00Z', '2026-11-21T00:00:00Z'],
    ['--days', '30', '2026-10-22T00:00:00Z', '2026-11-21T00:00:00Z'],
    ['--month', '2025-12', '2025-12-01', '2026-01-01T00:00:00Z'],
    ['--month', '2026-11', '2026-11-01', '2026-11-21T00:00:00Z'],
  ])('is %s %s', (option, value, from, to) => {
    expect(read(option, value)).toEqual({ from, to })
  })

  it('is sent as it is written with --from and --to', () => {
    expect(read('--from', 'x', '--to', 'y', '--coins', 'BTC')).toEqual({
      from: 'x',
      to: 'y',
      coins: ['BTC'],
    })
  })

  it.each([
    [[], /name one range/],
    [['--from', 'x'], /'--to <time>' not specified/],
    [['--to', 'x'], /'--from <time>' not specified/],
    [['--last', '1d', '--month', '2025-01'], /name one range/],
    [['--last', '1d', '--to', 'x'], /name one range/],
    [['--last', 'week'], /24h or 7d/],
    [['--last', '0h'], /24h or 7d/],
    [['--month', '2025-13'], /2025-03/],
    [['--days', 'all'], /such as 30, or max/],
    [['--days', '30', '--last', '1d'], /name one range/],
  ])('of %j is refused', (argv, message) => {
    expect(() => read(...argv)).toThrow(message)
  })
})

describe('Coins', () => {
  it('are read from a file, by lines or commas, with comments', () => {
    const file = join(mkdtempSync(join(tmpdir(), 'coins-')), 'coins.txt')
    writeFileSync(file, '# majors\nBTC, ETH # two\n\nkPEPE\n@107 #1\n')
    expect(collectCoins(`@${file}`, ['SOL'])).toEqual(['SOL', 'BTC', 'ETH', 'kPEPE', '@107'])
    expect(() => collectCoins(`@${file}.none`)).toThrow(/ENOENT/)
  })

  it.each(['@107', '@107,@5', 'BTC,@107'])('of spot pairs are no files: %s', (list) => {
    expect(collectCoins(list)).toEqual(list.split(','))
  })
})

const one = (coin: string, interval: string) => ({
  name: `${coin}/${interval}`,
  dataset: 'hyperliquid.candles',
  exchange: 'hyperliquid',
  market: 'perp',
  coin,
  interval,
})

describe('Starlistings', () => {
  it('are a backfill a dataset, and more only where coins want other intervals', () => {
    const same = ['BTC', 'SOL'].flatMap((coin) => [one(coin, '1m'), one(coin, '1d')])
    const both = { dataset: 'hyperliquid.candles', coins: ['BTC', 'SOL'], intervals: ['1m', '1d'] }
    expect(backfillsOf(same)).toEqual([both])
    expect(backfillsOf([...same, one('ETH', '1h')])).toEqual([
      both,
      { dataset: 'hyperliquid.candles', coins: ['ETH'], intervals: ['1h'] },
    ])
  })
})
