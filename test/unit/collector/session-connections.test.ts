import type { SessionOptions } from '@backtide/collector/session/session'
import { BINANCE_SPOT } from '@backtide/collector/venues/binance-spot'
import { describe, expect, it } from 'vitest'
import { binance, hyperliquid, streamOf, subscribed } from '../../helpers/live-venue.ts'
import type { VenueRules } from '../../helpers/venue-server.ts'
import { waitUntil } from '../../helpers/wait-until.ts'

describe('the connections of a session', () => {
  it('succeeds itself when the venue announces a restart, without a hole', async () => {
    const { server, live, frames, books } = await binance()
    await subscribed(server, frames.bboStream)
    let count = 0
    const publish = () => {
      for (const kind of ['trade', 'change', 'bbo'] as const) {
        server.publish(streamOf(frames, kind), frames[kind]())
      }
      books.set('BTCUSDT', frames.lastUpdate())
      count++
    }
    publish()
    await waitUntil('data', () => live.session.status().messages >= 4)
    server.tellAll('{"e":"serverShutdown","E":1}')
    await waitUntil('the succession', () => {
      publish()
      return server.seen.connects === 2 && server.seen.open() === 1
    })
    const lines = await live.finish()
    expect(live.holes()).toEqual([])
    const trades = lines.map((line) => JSON.stringify(line.raw ?? '')).filter(isTrade)
    expect(new Set(trades).size).toBe(count)
    expect(new Set(lines.flatMap((line) => line.event?.connection ?? []))).toEqual(
      new Set(['stream-0a#1', 'stream-0b#2']),
    )
  })

  it('succeeds itself before the life of a connection ends', async () => {
    const faster = { lifeMs: 400 }
    const { server, live, frames } = await binance({
      faster,
      timing: { leadMs: 300, overlapMs: 100 },
    })
    await waitUntil('two successions', () => {
      server.publish(frames.tradeStream, frames.trade())
      return server.seen.connects >= 3
    })
    await live.finish()
    expect(live.holes()).toEqual([])
  })

  it('asks for a book again when the venue wants to be left alone, not before', async () => {
    let answers = 0
    const request: VenueRules['request'] = () =>
      answers++ === 0
        ? { status: 429, body: '{}', headers: { 'retry-after': '1' } }
        : { status: 200, body: JSON.stringify({ lastUpdateId: frames.lastUpdate() }) }
    const { server, live, frames } = await binance({ rules: { request } })
    await subscribed(server, frames.bookStream)
    server.publish(frames.bookStream, frames.change())
    await waitUntil('two requests', () => server.seen.requests.length === 2)
    const [first, second] = server.seen.requests
    expect((second?.at ?? 0) - (first?.at ?? 0)).toBeGreaterThan(990)
    await live.finish()
  })

  it('reads no further while the disk does not keep up, and misses nothing by it', async () => {
    let isSlow = true
    let goOn: (() => void) | undefined
    const slow: SessionOptions['createCapture'] = () => ({
      message: () => undefined,
      event: () => undefined,
      isFull: () => isSlow,
      drained: () => new Promise((resolve) => (goOn = resolve)),
      durable: () => undefined,
      close: () => Promise.resolve(),
    })
    const { server, live, frames } = await binance({ createCapture: slow })
    const { session } = live
    await subscribed(server, frames.tradeStream)
    const huge = `{"stream":"x","data":"${'y'.repeat(1_000_000)}"}`
    for (let count = 0; count < 50; count++) server.publish(frames.tradeStream, huge)
    await waitUntil('the pause', () => goOn !== undefined)
    expect(session.status().messages).toBeLessThan(20)
    isSlow = false
    goOn?.()
    await waitUntil('all', () => session.status().messages === server.seen.sent)
    await live.finish()
  })

  it('waits as long as the venue says before it connects again', async () => {
    const refused: number[] = []
    const refuse = () => {
      if (refused.push(performance.now()) > 1) return undefined
      return { status: 429, headers: { 'retry-after': '1' } }
    }
    const { server, live } = await binance({ rules: { refuse } })
    await waitUntil('the connection', () => server.seen.connects === 1)
    expect((refused[1] ?? 0) - (refused[0] ?? 0)).toBeGreaterThan(990)
    await live.finish()
  })

  it('connects no more often than the venue allows', async () => {
    const limits = { ...BINANCE_SPOT.limits, connects: { count: 2, everyMs: 500 } }
    const { server, live } = await binance({ faster: { limits } })
    const at: number[] = []
    await waitUntil('four connections', () => {
      while (at.length < server.seen.connects) at.push(performance.now())
      server.cut()
      return at.length >= 4
    })
    expect((at[2] ?? 0) - (at[0] ?? 0)).toBeGreaterThan(400)
    await live.finish()
  })

  it('keeps a quiet connection alive, though the venue cuts those it sends nothing to', async () => {
    const { server, live } = await hyperliquid({ quietMs: 1000 })
    await waitUntil(
      'pings',
      () => server.seen.received.filter((frame) => frame.includes('ping')).length > 12,
    )
    expect(server.seen.connects).toBe(1)
    await live.finish()
  })

  it('comes back, ever more slowly, when a coin it should not have asked for ends the connection', async () => {
    const { server, live } = await hyperliquid({ coins: [] })
    await waitUntil('four connections', () => server.seen.connects >= 4)
    await live.finish()
    expect(live.holes()).toEqual([])
  })
})

function isTrade(raw: string): boolean {
  return raw.includes('@trade')
}
