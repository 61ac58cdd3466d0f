import type { Channel } from '@backtide/core/channel'
import { fieldsOf, idOf, textOf, type Json, type JsonObject } from '../frame.ts'
import type { Link } from '../holes/chain.ts'
import type { Proof, Reading, Repair, Rhythm, Stream } from '../venue.ts'

/** Symbols are upper case, some not Latin; streams are named in lower case. */
export const BINANCE_SYMBOL = /^[\p{Lu}\p{Lo}\d_-]{1,40}$/u

/** A stream of Binance, before it is one of a symbol: `trade` of `btcusdt@trade`. */
export interface StreamKind {
  readonly suffix: string
  readonly url: string
  readonly channels: readonly Channel[]
  readonly proof: Proof
  readonly rhythm: Rhythm
  readonly lossy?: true
  readonly repair: readonly Repair[]
}

/** Trades and changes of books come when something happens. */
export const ON_CHANGE: Rhythm = { steady: false, firstDataMs: 120_000, silentMs: 300_000 }

export function binanceStreams(
  kinds: readonly StreamKind[],
  symbol: string,
  channel: Channel,
): readonly Stream[] {
  return kinds
    .filter((kind) => kind.channels.includes(channel))
    .map(({ suffix, ...kind }) => {
      const name = `${symbol.toLowerCase()}@${suffix}`
      return { ...kind, name, symbol, subscription: name }
    })
}

export function subscribeBinance(streams: readonly Stream[], id: number): string {
  const params = streams.map((stream) => stream.subscription)
  return JSON.stringify({ method: 'SUBSCRIBE', params, id })
}

/** Reads a frame of a `/stream` URL, where `data` is named by `stream`. */
export function readBinance(frame: Json): Reading {
  const outer = fieldsOf(frame)
  if (typeof outer.stream === 'string') {
    const data = fieldsOf(outer.data)
    if (data.e === 'serverShutdown') return { kind: 'restart' }
    const link = linkOf(data)
    return { kind: 'data', stream: outer.stream, ...(link && { link }) }
  }
  return readControl(outer)
}

function readControl(outer: JsonObject): Reading {
  const event = outer.e ?? fieldsOf(outer.event).e
  if (event === 'serverShutdown') return { kind: 'restart' }
  const id = typeof outer.id === 'number' ? { id: outer.id } : {}
  const error = fieldsOf(outer.error ?? (outer.code === undefined ? undefined : outer))
  if (error.code !== undefined) {
    return { kind: 'refused', ...id, reason: `${textOf(error.code)} ${textOf(error.msg)}` }
  }
  return outer.result === null && 'id' in outer ? { kind: 'ack', ...id } : { kind: 'unknown' }
}

function linkOf(data: JsonObject): Link | undefined {
  switch (data.e) {
    case 'trade':
      return linkBetween(idOf(data.t), idOf(data.t))
    case 'aggTrade':
      return linkBetween(idOf(data.a), idOf(data.a))
    case 'depthUpdate': {
      const previous = idOf(data.pu)
      const last = idOf(data.u)
      if (previous !== undefined && last !== undefined) return { before: previous, last }
      return linkBetween(idOf(data.U), last)
    }
    default:
      return undefined
  }
}

function linkBetween(first: bigint | undefined, last: bigint | undefined): Link | undefined {
  return first === undefined || last === undefined ? undefined : { before: first - 1n, last }
}

/** The last id of a book as `/depth` gives it. */
export function readDepth(body: Json): bigint | undefined {
  return idOf(fieldsOf(body).lastUpdateId)
}
