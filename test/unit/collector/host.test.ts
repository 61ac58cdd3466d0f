import { timeText } from '@backtide/core/nano-time'
import { openHost, type HostOptions } from '@backtide/collector/host'
import { planFeeds } from '@backtide/collector/plan'
import { BINANCE_SPOT } from '@backtide/collector/venues/binance-spot'
import { BINANCE_USDM } from '@backtide/collector/venues/binance-usdm'
import type { Hole } from '@backtide/core/hole'
import type { Assignment } from '@backtide/core/live'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { describe, expect, it, onTestFinished } from 'vitest'
import { streamIn } from '../../helpers/captured-frames.ts'
import { filesOf, readCaptures, temporaryFolder } from '../../helpers/captures.ts'
import { binanceFrames } from '../../helpers/venue-feeds.ts'
import { atServer, binanceRules } from '../../helpers/venue-server-rules.ts'
import { startVenueServer, type VenueServer } from '../../helpers/venue-server.ts'
import { waitUntil } from '../../helpers/wait-until.ts'

const SCRIPT = fileURLToPath(new URL('../../helpers/collector-process.ts', import.meta.url))

const TRADES: Assignment = {
  exchange: 'binance',
  market: 'spot',
  connection: 'stream-0',
  replica: 1,
  wanted: [{ symbol: 'BTCUSDT', channels: ['trades'] }],
}

async function venue() {
  const frames = binanceFrames('BTCUSDT')
  const server = await startVenueServer(binanceRules())
  onTestFinished(() => server[Symbol.asyncDispose]())
  return { server, frames }
}

async function open(root: string, server: VenueServer, more: Partial<HostOptions> = {}) {
  const holes = new Map<string, Hole>()
  const alarms: string[] = []
  const host = await openHost({
    root,
    server: 'test',
    flushMs: 20,
    venueOf: (exchange) =>
      exchange === 'binance' ? atServer(BINANCE_SPOT, server.host) : undefined,
    onHole: (hole) => holes.set(hole.id, hole),
    onAlarm: (message) => alarms.push(message),
    ...more,
  })
  onTestFinished(() => host.stop())
  return { host, holes, alarms }
}

/** Publishes trades until something is so. */
async function tradeUntil(
  { server, frames }: Awaited<ReturnType<typeof venue>>,
  what: string,
  isSo: () => boolean,
) {
  await waitUntil(what, () => {
    if (server.hasSubscriber(frames.tradeStream)) {
      server.publish(frames.tradeStream, frames.trade())
    }
    return isSo()
  })
}

describe('a host that is killed', () => {
  it('goes on by itself, loses no more than what was not flushed, and says from when to when', async () => {
    const root = temporaryFolder()
    const { server, frames } = await venue()
    const sent: { readonly at: number }[] = []
    const publish = () => {
      if (!server.hasSubscriber(frames.tradeStream)) return
      server.publish(frames.tradeStream, frames.trade())
      sent.push({ at: performance.now() })
    }

    const child = spawn(process.execPath, ['--import', 'tsx', SCRIPT, root, server.host])
    onTestFinished(() => void child.kill('SIGKILL'))
    await waitUntil('some seconds of trades', () => {
      publish()
      return sent.length > 100
    })
    child.kill('SIGKILL')
    const killedAt = performance.now()
    await once(child, 'exit')

    const { host, holes, alarms } = await open(root, server)
    const before = readCaptures(root)
    const trades = before.filter((line) => streamIn(line) === frames.tradeStream)
    const old = sent.filter(({ at }) => at < killedAt - 1500)
    expect(trades.length).toBeGreaterThanOrEqual(old.length)
    expect(old.length).toBeGreaterThan(0)

    await waitUntil('the end of the hole', () => {
      publish()
      return [...holes.values()].some((hole) => hole.until !== undefined)
    })
    await host.stop()
    const after = readCaptures(root).slice(before.length)
    const first = after.find((line) => streamIn(line) === frames.tradeStream)
    const [hole, ...others] = holes.values()
    expect(others).toEqual([])
    expect(hole).toMatchObject({ cause: 'process_dead', state: 'open', symbol: 'BTCUSDT' })
    expect(timeText(hole?.from ?? 0n)).toBe(before.at(-1)?.time)
    expect(timeText(hole?.until ?? 0n)).toBe(first?.time)
    expect(filesOf(root).every((name) => name.endsWith('.lz4'))).toBe(true)
    expect(alarms).toEqual([])
  })
})

describe('a host', () => {
  it('keeps one session of an assignment, whoever takes it, and on one connection', async () => {
    const live = await venue()
    const { host } = await open(temporaryFolder(), live.server)
    const first = await host.take(TRADES)
    await tradeUntil(live, 'data', () => first.status().state === 'running')
    const second = await host.take(TRADES, { at: 1n, cause: 'process_dead' })
    expect(second).toBe(first)
    expect(second.status().openHoles).toEqual([])
    expect(live.server.seen.connects).toBe(1)
  })

  it('goes on after an orderly end with a hole, and not at all with what it was relieved of', async () => {
    const root = temporaryFolder()
    const live = await venue()
    const before = await open(root, live.server)
    const kept = await before.host.take(TRADES)
    const dropped = await before.host.take({ ...TRADES, connection: 'stream-1' })
    await tradeUntil(live, 'data of both', () =>
      [kept, dropped].every((one) => one.status().state === 'running'),
    )
    await before.host.drop(dropped.id)
    await before.host.stop()
    const { durable } = kept.status()

    const { host, holes } = await open(root, live.server)
    expect(host.all().map(({ id }) => id)).toEqual([kept.id])
    await tradeUntil(live, 'the end of the hole', () =>
      [...holes.values()].some((hole) => hole.until !== undefined),
    )
    expect([...holes.values()]).toMatchObject([{ from: durable, cause: 'not_collected' }])
  })

  it('bounds the hole that is open when it ends', async () => {
    const live = await venue()
    const { host, holes } = await open(temporaryFolder(), live.server, {
      timing: { backoff: { firstMs: 60_000, mostMs: 60_000 } },
    })
    const collecting = await host.take(TRADES)
    await tradeUntil(live, 'data', () => collecting.status().state === 'running')
    live.server.cut()
    await waitUntil('the hole', () => holes.size > 0)
    await host.stop()
    expect([...holes.values()]).toMatchObject([
      { cause: 'connection_lost', until: expect.any(BigInt) as bigint, state: 'open' },
    ])
  })

  it.each([
    [
      'a symbol that the venue cannot have',
      { wanted: [{ symbol: 'btcusdt', channels: ['trades'] }] },
      'is no symbol of binance spot',
    ],
    [
      'a symbol that would leave its place',
      { wanted: [{ symbol: '../etc', channels: ['trades'] }] },
      'is no symbol of binance spot',
    ],
    ['a market nobody knows', { exchange: 'mtgox' }, 'Nobody here knows how to collect mtgox spot'],
    ['nothing', { wanted: [{ symbol: 'BTCUSDT', channels: ['funding'] }] }, 'over one connection'],
  ] as const)('does not take %s', async (_what, wrong, message) => {
    const live = await venue()
    const { host } = await open(temporaryFolder(), live.server)
    await expect(host.take({ ...TRADES, ...wrong })).rejects.toThrow(message)
    expect(host.all()).toEqual([])
  })
})

describe('feeds', () => {
  it('are divided by URL, whole symbols together, within the limit of a connection', () => {
    const symbols = ['AUSDT', 'BUSDT', 'CUSDT']
    const wanted = symbols.map((symbol) => ({
      symbol,
      channels: ['trades', 'book', 'candles', 'open_interest'] as const,
    }))
    const limits = { ...BINANCE_USDM.limits, streamsPerConnection: 5 }
    const planned = planFeeds({ ...BINANCE_USDM, limits }, wanted)
    expect(
      planned.map(({ route, wanted: feeds }) => [
        route,
        ...feeds.map(({ symbol, channels }) => `${symbol} ${channels.join()}`),
      ]),
    ).toEqual([
      ['public', 'AUSDT trades,book', 'BUSDT trades,book'],
      ['public', 'CUSDT trades,book'],
      ['market', 'AUSDT candles', 'BUSDT candles', 'CUSDT candles'],
    ])
  })
})
