import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { openApi } from '../api/open-api.ts'
import { temporaryFolder } from '../../helpers/captures.ts'
import { runCli, serveApp } from './run-cli.ts'

const TRADES = ['--exchange', 'binance', '--market', 'spot', '--symbols', 'BTCUSDT,ETHUSDT']

const STARLISTINGS = `starlistings:
  - { exchange: hyperliquid, coin: BTC, quote: USD, market_type: perps, intervals: [1m, 15m] }
  - { exchange: binance, coin: ETH, quote: USDT, market_type: spot, intervals: [1m] }
`

const MARKETS = [
  {
    exchange: 'binance',
    market: 'perp',
    symbols: ['BTCUSDT'],
    channels: ['funding'],
    baseUrl: 'ws://127.0.0.1:1',
  },
]

describe('Live feeds', () => {
  it('are collected, listed, paused and cancelled', async () => {
    const api = openApi()
    await using server = await serveApp(api.app)
    const cli = (...args: string[]) => runCli(args, { api: server.address })

    const collected = await cli('collect', ...TRADES, '--channels', 'trades,book')
    expect(collected.code).toBe(0)
    expect(collected.stdout).toMatch(
      /binance\/spot\/stream-0\/1 +started +2 symbols +trades,book\n/,
    )
    expect((await cli('feeds')).stdout).toMatch(/binance\/spot\/stream-0\/1 +waiting /)
    const paused = await cli('pause', 'binance/spot/stream-0/1', '--reason', 'disk')
    expect(paused).toMatchObject({ code: 0, stdout: 'binance/spot/stream-0/1 pause accepted\n' })
    expect((await cli('cancel', 'binance/spot/stream-9/1')).code).toBe(2)
    expect(api.feeds.steered).toMatchObject([{ verb: 'pause', reason: 'disk' }])
  })

  it('are those of starlistings, by market, or those of the configuration without its addresses', async () => {
    const api = openApi()
    await using server = await serveApp(api.app)
    const file = join(temporaryFolder(), 'starlistings.yaml')
    writeFileSync(file, STARLISTINGS)
    const byFile = await runCli(['collect', '--starlistings', file], { api: server.address })
    expect(byFile.code).toBe(0)
    const env = { BACKTIDE_MARKETS: JSON.stringify(MARKETS) }
    expect((await runCli(['collect'], { api: server.address, env })).code).toBe(0)
    expect(api.feeds.started.map(({ assignment }) => assignment)).toMatchObject([
      {
        exchange: 'hyperliquid',
        market: 'perp',
        wanted: [{ symbol: 'BTC', channels: ['candles', 'funding', 'open_interest'] }],
      },
      {
        exchange: 'binance',
        market: 'spot',
        wanted: [{ symbol: 'ETHUSDT', channels: ['candles'] }],
      },
      {
        exchange: 'binance',
        market: 'perp',
        connection: 'market-0',
        wanted: [{ symbol: 'BTCUSDT', channels: ['funding'] }],
      },
    ])
  })

  it.each([
    [['collect'], /nothing to collect: name --exchange/],
    [['collect', ...TRADES], /name all of --exchange/],
    [['collect', ...TRADES, '--starlistings', 'x'], /by --starlistings, or by --exchange/],
    [['collect', ...TRADES, '--channels', 'tardes'], /"tardes" is none of trades/],
    [['collect', ...TRADES, '--channels', 'liquidations'], /does not send liquidations/],
    [['holes', '--state', 'gone'], /state/],
  ])('are refused in one line: %s', async (args, message) => {
    await using server = await serveApp(openApi().app)
    const { code, stderr } = await runCli(args, { api: server.address })
    expect(code).toBe(2)
    expect(stderr).toMatch(message)
    expect(stderr.trim().split('\n')).toHaveLength(1)
  })

  it('have holes, as a table or JSON', async () => {
    const api = openApi()
    api.store.holes.push({
      from: '2026-11-21T12:00:00.000001Z',
      until: null,
      exchange: 'binance',
      market: 'spot',
      symbol: 'BTCUSDT',
      channel: 'trades',
      stream: 'btcusdt@trade',
      server: 'host-1',
      cause: 'ids_skipped',
      state: 'open',
      evidence: 'ids 12..15 missing',
    })
    await using server = await serveApp(api.app)
    const shown = await runCli(['holes'], { api: server.address })
    expect(shown.stdout).toMatch(
      /binance spot BTCUSDT trades +ids_skipped +open +host-1 +ids 12\.\.15 missing/,
    )
    const { stdout } = await runCli(['holes', '--json'], { api: server.address })
    expect(JSON.parse(stdout)).toMatchObject({ holes: [{ host: 'host-1' }], more: false })
  })

  it('are watched until Ctrl-C', async () => {
    const api = openApi()
    await using server = await serveApp(api.app)
    const watched = await runCli(['feeds', '--watch'], {
      api: server.address,
      interruptAt: /nothing is collected/,
    })
    expect(watched.code).toBe(130)
  })
})
