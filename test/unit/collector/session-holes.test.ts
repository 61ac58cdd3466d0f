import { timeText } from '@backtide/core/nano-time'
import type { SessionOptions } from '@backtide/collector/session/session'
import type { Stream } from '@backtide/collector/venue'
import { HYPERLIQUID_PERP } from '@backtide/collector/venues/hyperliquid'
import { describe, expect, it } from 'vitest'
import {
  boundsAround,
  dataOf,
  eventsOf,
  idsOf,
  missingIds,
  same,
  streamIn,
} from '../../helpers/captured-frames.ts'
import { binance, hyperliquid, rhythms, streamOf, subscribed } from '../../helpers/live-venue.ts'
import { waitUntil } from '../../helpers/wait-until.ts'

describe('what a session keeps, and what it may have missed', () => {
  it('keeps every frame in order, with acknowledgements and whole books, and has no hole', async () => {
    const { server, live, frames } = await binance()
    await subscribed(server, frames.bboStream)
    const sent: string[] = []
    for (let count = 0; count < 300; count++) {
      for (const kind of ['trade', 'change', 'bbo'] as const) {
        const text = frames[kind]()
        sent.push(text)
        server.publish(streamOf(frames, kind), text)
      }
    }
    await waitUntil('the book', () => live.session.status().unknownBooks === 0)
    await waitUntil('all', () => live.session.status().messages >= sent.length + 1)
    const lines = await live.finish()
    expect(dataOf(lines)).toEqual(sent.map((text) => JSON.parse(text)))
    expect(lines.filter((line) => same(line.raw, { result: null, id: 1 }))).toHaveLength(1)
    expect(eventsOf(lines)).toEqual(
      expect.arrayContaining([
        'connect',
        'connected',
        'subscribe',
        'snapshot',
        'stopped',
        'closed',
      ]),
    )
    expect(live.holes()).toEqual([])
    expect(server.seen.requests).toHaveLength(1)
  })

  it.each([false, true])(
    'finds every lost frame and invents none (futures: %s)',
    async (futures) => {
      const { server, live, frames, books } = await binance({ futures })
      await subscribed(server, frames.bookStream)
      const random = mulberry(futures ? 7 : 8)
      const lost = { trade: [] as bigint[], change: [] as bigint[] }
      const all = () => live.session.status().messages === server.seen.sent
      for (let round = 0; round < 400; round++) {
        const kind = random() < 0.5 ? 'trade' : 'change'
        const text = frames[kind]()
        books.set('BTCUSDT', frames.lastUpdate())
        const chance = round < 20 || round > 380 ? 1 : random()
        const fate = chance < 0.1 ? 'lost' : chance < 0.2 ? 'twice' : chance < 0.3 ? 'late' : 'sent'
        if (fate === 'lost') lost[kind].push(...idsOf(text))
        server.publish(streamOf(frames, kind), text, fate)
        if (round % 20 === 0) await waitUntil('these', all)
      }
      await waitUntil('all', all)
      await waitUntil('the book', () => {
        server.publish(frames.bookStream, frames.change())
        books.set('BTCUSDT', frames.lastUpdate())
        return live.session.status().openHoles.length === 0
      })
      const lines = await live.finish()
      expect(missingIds(live.holes(frames.tradeStream))).toEqual(lost.trade)
      expect(missingIds(live.holes(frames.bookStream))).toEqual(lost.change)
      for (const hole of live.holes(frames.tradeStream)) {
        const { from, until } = boundsAround(lines, frames.tradeStream, missingIds([hole]))
        expect([timeText(hole.from), timeText(hole.until ?? 0n)]).toEqual([from, until])
      }
    },
  )

  it('has a hole after a silent close only where nothing proves that there was none', async () => {
    const { server, live, frames } = await binance({ channels: ['trades', 'bbo'] })
    await subscribed(server, frames.bboStream)
    server.publish(frames.tradeStream, frames.trade())
    server.publish(frames.bboStream, frames.bbo())
    await waitUntil('both', () => live.session.status().messages === 3)
    server.cut()
    await waitUntil('the next connection', () => server.seen.connects === 2)
    await subscribed(server, frames.bboStream)
    server.publish(frames.tradeStream, frames.trade())
    server.publish(frames.bboStream, frames.bbo())
    await waitUntil('both again', () => live.session.status().openHoles.length === 0)
    const lines = await live.finish()
    const quotes = lines.filter((line) => same(streamIn(line), frames.bboStream))
    expect(live.holes().map((hole) => [hole.stream, hole.cause])).toEqual([
      [frames.bboStream, 'connection_lost'],
    ])
    const [hole] = live.holes()
    expect([timeText(hole?.from ?? 0n), timeText(hole?.until ?? 0n)]).toEqual(
      quotes.map((line) => line.time),
    )
    expect(live.refuted().map((one) => one.stream)).toEqual([frames.tradeStream])
  })

  it('keeps what it cannot read, huge frames and ids beyond 2^53', async () => {
    const { server, live, frames } = await binance({ firstId: 2 ** 53 })
    await subscribed(server, frames.tradeStream)
    const huge = `{"stream":"x","data":"${'y'.repeat(5_000_000)}"}`
    for (const text of [frames.trade(), 'garbage', '{"half":', huge, frames.trade()]) {
      server.publish(frames.tradeStream, text)
    }
    frames.trade()
    server.publish(frames.tradeStream, frames.trade())
    await waitUntil('all', () => live.session.status().messages === 7)
    expect(live.session.status().unreadable).toBe(2)
    const lines = await live.finish()
    expect(lines.flatMap((line) => line.text ?? [])).toEqual(['garbage', '{"half":'])
    expect(lines.some((line) => same(line.raw, JSON.parse(huge)))).toBe(true)
    expect(live.holes()).toMatchObject([{ evidence: `ids ${2n ** 53n + 2n} missing` }])
  })

  it('stops trusting streams when nothing can be read any more, and keeps the frames', async () => {
    const { server, live, frames } = await binance()
    await subscribed(server, frames.tradeStream)
    server.publish(frames.tradeStream, frames.trade())
    for (let count = 0; count < 30; count++) server.publish(frames.tradeStream, `<${count}>`)
    await waitUntil('the alarm', () => live.alarms.length === 1)
    const lines = await live.finish()
    expect(live.alarms[0]).toContain('cannot be read')
    expect(lines.filter((line) => line.text?.startsWith('<'))).toHaveLength(30)
    expect(new Set(live.holes().map((hole) => hole.cause))).toEqual(new Set(['unreadable']))
  })

  it('opens a hole from the start for a stream that is acknowledged and never comes', async () => {
    const faster = rhythms({ steady: false, firstDataMs: 600 })
    const { server, live, frames } = await binance({ rules: { brings: allButQuotes }, faster })
    await waitUntil('the hole', () => {
      server.publish(frames.tradeStream, frames.trade())
      return live.holes(frames.bboStream).length > 0
    })
    await live.finish()
    expect(live.holes(frames.bboStream)).toMatchObject([{ cause: 'no_first_data' }])
    expect(live.holes(frames.tradeStream)).toEqual([])
  })

  it('believes REST that a stream is quiet, and that another is not', async () => {
    const faster = rhythms({ steady: false, silentMs: 60 })
    const asked: string[] = []
    const { server, live, frames } = await binance({
      faster,
      confirmQuiet: (stream: Stream) => {
        asked.push(stream.name)
        return Promise.resolve(stream.name === frames.bboStream ? 'missed' : 'quiet')
      },
    })
    await subscribed(server, frames.bboStream)
    server.publish(frames.tradeStream, frames.trade())
    server.publish(frames.bboStream, frames.bbo())
    await waitUntil('both questions', () => new Set(asked).size === 2)
    await waitUntil('the hole', () => live.holes().length > 0)
    await live.finish()
    expect(live.holes().map((hole) => [hole.stream, hole.cause])).toEqual([
      [frames.bboStream, 'silent'],
    ])
  })

  it('begins with the hole of a process that died', async () => {
    const died = BigInt(Date.now() - 60_000) * 1_000_000n
    const { server, live, frames } = await binance({
      brokeOff: { at: died, cause: 'process_dead' },
    })
    await subscribed(server, frames.tradeStream)
    server.publish(frames.tradeStream, frames.trade())
    await waitUntil('its end', () =>
      live.holes(frames.tradeStream).some((hole) => hole.until !== undefined),
    )
    await live.finish()
    expect(live.holes(frames.tradeStream)).toMatchObject([{ from: died, cause: 'process_dead' }])
  })

  it('ends with an alarm and a hole from the last durable line when frames cannot be kept', async () => {
    const { server, live, frames } = await binance({ createCapture: failing() })
    await waitUntil('the end', () => live.session.status().state === 'failed')
    await waitUntil('the close', () => server.seen.open() === 0)
    expect(live.alarms[0]).toContain('cannot be kept')
    expect(live.holes(frames.tradeStream)).toMatchObject([{ from: 5n, cause: 'not_recorded' }])
  })
})

describe('what it may have missed of Hyperliquid', () => {
  it('closes the hole of a short break by the trades that come again', async () => {
    const { server, live, frames } = await hyperliquid()
    await subscribed(server, 'l2Book:BTC:fast')
    server.publish('trades:BTC', frames.trade())
    server.publish('l2Book:BTC', frames.book())
    await waitUntil('data', () => live.session.status().messages >= 5)
    server.cut()
    frames.trade()
    await waitUntil('the next connection', () => server.seen.connects === 2)
    await subscribed(server, 'l2Book:BTC:fast')
    server.publish('l2Book:BTC', frames.book())
    await waitUntil('the book', () => live.session.status().openHoles.length === 0)
    await live.finish()
    expect(live.refuted().map((hole) => hole.stream)).toEqual(['trades:BTC'])
    expect(live.holes().map((hole) => hole.stream)).toEqual(['l2Book:BTC'])
  })

  it('sees one silent stream among others that come', async () => {
    const faster = rhythms({ steady: true, silentMs: 600 }, HYPERLIQUID_PERP)
    const { server, live, frames } = await hyperliquid({}, faster)
    await subscribed(server, 'l2Book:BTC:fast')
    const publish = () => {
      server.publish('l2Book:BTC', frames.book())
      server.publish('l2Book:BTC:fast', frames.book(true))
      server.publish('trades:BTC', frames.trade())
    }
    publish()
    server.mute('l2Book:BTC:fast', true)
    await waitUntil('the hole', () => {
      publish()
      return live.holes().length > 0
    })
    server.mute('l2Book:BTC:fast', false)
    await waitUntil('its end', () => {
      publish()
      return live.session.status().openHoles.length === 0
    })
    await live.finish()
    expect(live.holes().map((hole) => [hole.stream, hole.cause])).toEqual([
      ['l2Book:BTC:fast', 'silent'],
    ])
  })
})

function failing(): SessionOptions['createCapture'] {
  return (_connection, { onFailed }) => ({
    message: () => onFailed(new Error('no space left')),
    event: () => undefined,
    isFull: () => false,
    drained: () => Promise.resolve(),
    durable: () => 5n,
    close: () => Promise.resolve(),
  })
}

function allButQuotes(_path: string, stream: string): boolean {
  return !stream.endsWith('@bookTicker')
}

/** Numbers by chance, the same each time. */
function mulberry(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
}
