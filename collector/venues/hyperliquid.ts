import { COIN, marketOf } from '@backtide/datasets/hyperliquid/archive'
import { fieldsOf, textOf, type Json, type JsonObject } from '../frame.ts'
import type { Reading, Stream, Venue } from '../venue.ts'

/**
 * Hyperliquid: no frame proves anything of the one before it, but the first frame of trades repeats
 * some thirty. An unknown coin closes the whole socket without a word.
 * https://hyperliquid.gitbook.io/hyperliquid-docs/for-developers/api/websocket
 */
export const HYPERLIQUID_PERP = hyperliquid('perp')
export const HYPERLIQUID_SPOT = hyperliquid('spot')

function hyperliquid(market: 'perp' | 'spot'): Venue {
  return {
    exchange: 'hyperliquid',
    market,
    symbol: COIN,
    limits: {
      streamsPerConnection: 300,
      streamsPerFrame: 1,
      // Of ten: the other half is for successors.
      connectionsPerAddress: 5,
      connects: { count: 25, everyMs: 60_000 },
      messages: { count: 1800, everyMs: 60_000, per: 'address' },
    },
    // It ends a connection on which it sent nothing for 60 s.
    ping: { everyMs: 30_000, frame: '{"method":"ping"}' },
    idleMs: 65_000,
    streams: (symbol, channel) =>
      marketOf(symbol) === market
        ? streamsOf(symbol, market).filter((stream) => stream.channels.includes(channel))
        : [],
    subscribe: ([stream]) =>
      JSON.stringify({ method: 'subscribe', subscription: stream?.subscription ?? null }),
    read,
  }
}

const url = 'wss://api.hyperliquid.xyz/ws'

function streamsOf(coin: string, market: 'perp' | 'spot'): readonly Stream[] {
  const common = { symbol: coin, url, proof: 'none' } as const
  const streams: Stream[] = [
    {
      ...common,
      name: `trades:${coin}`,
      channels: ['trades'],
      subscription: { type: 'trades', coin },
      proof: 'overlap',
      rhythm: { steady: false, firstDataMs: 30_000, silentMs: 300_000 },
      repair: ['node_data'],
    },
    {
      // 20 levels, each 5.4 s in the median.
      ...common,
      name: `l2Book:${coin}`,
      channels: ['book'],
      subscription: { type: 'l2Book', coin },
      rhythm: { steady: true, firstDataMs: 30_000, silentMs: 60_000 },
      repair: ['archive'],
    },
    {
      // 5 levels, each 0.54 s.
      ...common,
      name: `l2Book:${coin}:fast`,
      channels: ['book'],
      subscription: { type: 'l2Book', coin, fast: true },
      rhythm: { steady: true, firstDataMs: 30_000, silentMs: 30_000 },
      repair: ['archive'],
    },
    {
      ...common,
      name: `bbo:${coin}`,
      channels: ['bbo'],
      subscription: { type: 'bbo', coin },
      rhythm: { steady: false, firstDataMs: 60_000, silentMs: 300_000 },
      repair: [],
    },
    {
      ...common,
      name: `candle:${coin}:1m`,
      channels: ['candles'],
      subscription: { type: 'candle', coin, interval: '1m' },
      rhythm: { steady: false, firstDataMs: 60_000, silentMs: 300_000 },
      repair: ['candles'],
    },
  ]
  if (market === 'spot') return streams
  const ctx: Stream = {
    ...common,
    name: `activeAssetCtx:${coin}`,
    channels: ['funding', 'open_interest'],
    subscription: { type: 'activeAssetCtx', coin },
    rhythm: { steady: true, firstDataMs: 30_000, silentMs: 30_000 },
    repair: ['asset_ctxs'],
  }
  return [...streams, ctx]
}

function read(frame: Json): Reading {
  const { channel, data } = fieldsOf(frame)
  if (channel === 'pong') return { kind: 'pong' }
  if (channel === 'error') return { kind: 'refused', reason: textOf(data) }
  if (channel === 'subscriptionResponse') {
    const stream = nameOfSubscription(fieldsOf(fieldsOf(data).subscription))
    return { kind: 'ack', ...(stream !== undefined && { stream }) }
  }
  if (channel === 'trades') return readTrades(data)
  const stream = nameOfData(channel, fieldsOf(data))
  return stream === undefined ? { kind: 'unknown' } : { kind: 'data', stream }
}

function readTrades(data: Json | undefined): Reading {
  const trades = Array.isArray(data) ? data.map(fieldsOf) : []
  const coin = trades[0]?.coin
  if (typeof coin !== 'string') return { kind: 'unknown' }
  // `tid` alone is a hash of 50 bits.
  const keys = trades.map((trade) => `${textOf(trade.time)}/${textOf(trade.tid)}`)
  return { kind: 'data', stream: `trades:${coin}`, keys }
}

function nameOfData(channel: Json | undefined, data: JsonObject): string | undefined {
  const { coin } = data
  if (channel === 'candle' && typeof data.s === 'string')
    return `candle:${data.s}:${textOf(data.i)}`
  if (typeof channel !== 'string' || typeof coin !== 'string') return undefined
  return data.fast === true ? `${channel}:${coin}:fast` : `${channel}:${coin}`
}

function nameOfSubscription(subscription: JsonObject): string | undefined {
  const { type, coin, interval, fast } = subscription
  if (typeof type !== 'string' || typeof coin !== 'string') return undefined
  if (typeof interval === 'string') return `${type}:${coin}:${interval}`
  return fast === true ? `${type}:${coin}:fast` : `${type}:${coin}`
}
