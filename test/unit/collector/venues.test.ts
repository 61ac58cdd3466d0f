import { parseFrame, type Json } from '@backtide/collector/frame'
import { stepOf, type Link } from '@backtide/collector/holes/chain'
import type { Reading, Venue } from '@backtide/collector/venue'
import { VENUES } from '@backtide/collector/venues'
import { BINANCE_SPOT } from '@backtide/collector/venues/binance-spot'
import { BINANCE_USDM } from '@backtide/collector/venues/binance-usdm'
import { HYPERLIQUID_PERP, HYPERLIQUID_SPOT } from '@backtide/collector/venues/hyperliquid'
import { CHANNELS } from '@backtide/core/channel'
import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'

const RECORDED = [
  { venue: HYPERLIQUID_PERP, file: 'hyperliquid', symbol: 'BTC' },
  { venue: BINANCE_SPOT, file: 'binance-spot', symbol: 'BTCUSDT' },
  { venue: BINANCE_USDM, file: 'binance-usdm', symbol: 'BTCUSDT' },
]

describe.each(RECORDED)('recorded frames of $file', ({ venue, file, symbol }) => {
  const readings = recorded(file).map((frame) => venue.read(frame))

  it('name their stream', () => {
    const names = new Set(dataOf(readings).map((reading) => reading.stream))
    expect(names.size).toBeGreaterThan(2)
    expect(readings.filter((reading) => reading.kind === 'refused')).toEqual([])
  })

  it('prove that none of them is missing, and show each that is taken out', () => {
    for (const links of linksOf(readings).values()) {
      expect(follow(links)).toEqual(links.map((_, at) => (at === 0 ? 'first' : 'next')))
      for (let at = 1; at + 1 < links.length; at++) {
        const steps = follow(links.toSpliced(at, 1))
        expect(steps.filter((step) => typeof step === 'object')).toHaveLength(1)
      }
    }
  })

  it('are named as the streams that the venue is asked for', () => {
    const asked = CHANNELS.flatMap((channel) => venue.streams(symbol, channel))
    const seen = new Set(dataOf(readings).map((reading) => reading.stream))
    const matched = asked.filter((stream) => seen.has(stream.name))
    expect(matched.length).toBeGreaterThan(1)
    for (const stream of matched) {
      const links = linksOf(readings).get(stream.name)
      const wantsLinks = stream.proof === 'ids' || stream.proof === 'book'
      expect(links !== undefined, stream.name).toBe(wantsLinks)
    }
  })
})

describe.each(VENUES.map((venue) => ({ venue, name: `${venue.exchange} ${venue.market}` })))(
  'the contract of $name',
  ({ venue }) => {
    it('answers a channel with streams of that channel and symbol, each named once', () => {
      const symbol = symbolOf(venue)
      const streams = CHANNELS.flatMap((channel) => {
        const some = venue.streams(symbol, channel)
        expect(some.every((one) => one.symbol === symbol && one.channels.includes(channel))).toBe(
          true,
        )
        return some
      })
      expect(streams.some((stream) => stream.channels.includes('trades'))).toBe(true)
      for (const channel of CHANNELS) {
        const names = venue.streams(symbol, channel).map((stream) => stream.name)
        expect(new Set(names).size).toBe(names.length)
      }
    })

    it('pings before the venue or the own watch ends a quiet connection', () => {
      expect(venue.ping.everyMs).toBeLessThan(venue.idleMs)
    })

    it('has a snapshot to fetch where a stream brings changes', () => {
      const books = venue.streams(symbolOf(venue), 'book')
      const changes = books.some((stream) => stream.proof === 'book')
      expect(venue.snapshot !== undefined).toBe(changes)
    })

    it('judges a steady stream by its silence', () => {
      const streams = CHANNELS.flatMap((channel) => venue.streams(symbolOf(venue), channel))
      for (const { rhythm } of streams) {
        if (rhythm.steady) expect(rhythm.silentMs).toBeGreaterThan(0)
      }
    })

    it.each(['', '{}', '[]', 'null', '"x"', '7', '{"stream":5}', '{"channel":"trades"}'])(
      'reads %j as nothing it knows',
      (text) => {
        expect(venue.read(parseFrame(text) ?? null)).toEqual({ kind: 'unknown' })
      },
    )
  },
)

describe('frames of control', () => {
  it('Hyperliquid: an acknowledgement names its stream, fast or not', () => {
    const read = reader(HYPERLIQUID_PERP)
    expect(
      read(
        '{"channel":"subscriptionResponse","data":{"method":"subscribe","subscription":{"type":"l2Book","coin":"BTC","nSigFigs":null,"mantissa":null,"fast":true}}}',
      ),
    ).toEqual({ kind: 'ack', stream: 'l2Book:BTC:fast' })
    expect(read('{"channel":"pong"}')).toEqual({ kind: 'pong' })
    expect(read('{"channel":"error","data":"Already subscribed"}')).toEqual({
      kind: 'refused',
      reason: 'Already subscribed',
    })
  })

  it('Hyperliquid: perpetuals and spot are apart, one subscription a frame', () => {
    expect(HYPERLIQUID_SPOT.streams('BTC', 'trades')).toEqual([])
    expect(HYPERLIQUID_PERP.streams('@107', 'trades')).toEqual([])
    expect(HYPERLIQUID_SPOT.streams('@107', 'funding')).toEqual([])
    const [, fast] = HYPERLIQUID_PERP.streams('xyz:SP500', 'book')
    expect(HYPERLIQUID_PERP.subscribe(fast ? [fast] : [], 1)).toBe(
      '{"method":"subscribe","subscription":{"type":"l2Book","coin":"xyz:SP500","fast":true}}',
    )
  })

  it('Binance: acknowledgements, refusals and the notice of a restart', () => {
    const read = reader(BINANCE_SPOT)
    expect(read('{"result":null,"id":1}')).toEqual({ kind: 'ack', id: 1 })
    expect(read('{"error":{"code":2,"msg":"Invalid request"},"id":3}')).toEqual({
      kind: 'refused',
      id: 3,
      reason: '2 Invalid request',
    })
    expect(read('{"e":"serverShutdown","E":1770123456789}')).toEqual({ kind: 'restart' })
    expect(BINANCE_SPOT.subscribe(BINANCE_SPOT.streams('BTCUSDT', 'trades'), 1)).toBe(
      '{"method":"SUBSCRIBE","params":["btcusdt@trade"],"id":1}',
    )
  })

  it('Binance USDⓈ-M: streams lie at the URL that brings them', () => {
    const [book] = BINANCE_USDM.streams('BTCUSDT', 'book')
    const [funding] = BINANCE_USDM.streams('BTCUSDT', 'funding')
    expect(book?.url).toContain('/public/stream')
    expect(funding?.url).toContain('/market/stream')
  })
})

describe('a parsed frame', () => {
  it('keeps integers that a number would round', () => {
    expect(
      parseFrame('{"a":9007199254740993,"b":[12345678901234567890],"c":-98765432109876543}'),
    ).toEqual({ a: '9007199254740993', b: ['12345678901234567890'], c: '-98765432109876543' })
  })

  it('leaves strings, fractions and exact integers alone', () => {
    const text =
      '{"a":"x:99999999999999999,\\"12345678901234567\\"","b":1723161255343123,"c":0.12345678901234567}'
    expect(parseFrame(text)).toEqual(JSON.parse(text))
  })

  it('is undefined for what is not JSON', () => {
    expect(parseFrame('pong')).toBeUndefined()
    expect(parseFrame('{"a":99999999999999999')).toBeUndefined()
  })
})

function reader(venue: Venue): (text: string) => Reading {
  return (text) => venue.read(parseFrame(text) ?? null)
}

type Data = Extract<Reading, { kind: 'data' }>

function recorded(file: string): readonly Json[] {
  const path = new URL(`../../fixtures/live/${file}.jsonl`, import.meta.url)
  return readFileSync(path, 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => parseFrame(line) ?? null)
}

function dataOf(readings: readonly Reading[]): readonly Data[] {
  return readings.filter((reading) => reading.kind === 'data')
}

function linksOf(readings: readonly Reading[]): ReadonlyMap<string, readonly Link[]> {
  const links = new Map<string, readonly Link[]>()
  for (const { stream, link } of dataOf(readings)) {
    if (link) links.set(stream, [...(links.get(stream) ?? []), link])
  }
  return links
}

function follow(links: readonly Link[]) {
  return links.map((link, at) => stepOf(links[at - 1]?.last, link))
}

function symbolOf(venue: Venue): string {
  if (venue.exchange === 'binance') return 'BTCUSDT'
  return venue.market === 'spot' ? '@107' : 'BTC'
}
