import type { ObjectContext, RejectReason } from '@backtide/datasets/dataset'
import { parseAmount } from '@backtide/datasets/values/decimal'
import {
  isNearPartition,
  isNearReceived,
  parseUtcTime,
  type UtcTime,
} from '@backtide/datasets/values/time'

/** One order book of the archive. */
export interface Book {
  /** Exchange time, UTC microseconds. */
  readonly ts: number
  /** When the archive's recorder saw it. */
  readonly received: UtcTime
  readonly bids: Side
  readonly asks: Side
  /** What is odd about it, see docs on warnings. */
  readonly warnings: readonly string[]
}

/** Levels of one side, best first as the venue sends them. */
export interface Side {
  readonly prices: readonly number[]
  readonly sizes: readonly number[]
  readonly counts: readonly number[]
}

/** Nanoseconds from the start of the object to when a book was received: the later book has more. */
export function receivedAfter({ received }: Pick<Book, 'received'>, object: ObjectContext): number {
  return (received.micros - object.from * 1000) * 1000 + received.nanos
}

/**
 * Reads a line of `market_data/…/l2Book/….lz4`, strictly: a field that is missing or of another type
 * makes it `wrong_shape`; fields that are not known are warned of only, the venue adds some at times.
 */
export function readBookLine(line: Buffer, object: ObjectContext): Book | RejectReason {
  const parsed = parseJson(line)
  if (parsed === NOT_JSON) return 'not_json'
  const message = readMessage(parsed, object.symbol)
  if (typeof message === 'string') return message
  const received = parseUtcTime(message.received)
  if (!received) return 'wrong_shape'
  if (!isNearPartition(received.micros, object)) return 'outside_partition'
  if (!isNearReceived(message.ts, received)) return 'time_apart'
  const bids = readSide(message.bids)
  if (typeof bids === 'string') return bids
  const asks = readSide(message.asks)
  if (typeof asks === 'string') return asks
  const known = message.known && areKnown(message.bids) && areKnown(message.asks)
  const warnings = [
    ...(known ? [] : ['unknown_field']),
    ...(message.version === 1 ? [] : ['ver_num']),
    ...oddities(bids, asks),
  ]
  return { ts: message.ts, received, bids, asks, warnings }
}

const NOT_JSON = Symbol('not JSON')
const DEPTH = 20

interface Message {
  readonly received: string
  readonly version: unknown
  readonly ts: number
  readonly bids: readonly unknown[]
  readonly asks: readonly unknown[]
  /** It has no field that is not known. */
  readonly known: boolean
}

function parseJson(line: Buffer): unknown {
  try {
    return JSON.parse(line.toString('utf8'))
  } catch {
    return NOT_JSON
  }
}

/** `{"time":"…","ver_num":1,"raw":{"channel":"l2Book","data":{"coin":"…","time":ms,"levels":[[…],[…]]}}}` */
function readMessage(parsed: unknown, symbol: string): Message | RejectReason {
  if (!isObject(parsed) || !isObject(parsed.raw)) return 'wrong_shape'
  const { time: received, ver_num: version, raw } = parsed
  if (typeof received !== 'string' || typeof raw.channel !== 'string') return 'wrong_shape'
  if (raw.channel !== 'l2Book') return 'wrong_channel'
  const { data } = raw
  if (!isObject(data) || typeof data.coin !== 'string') return 'wrong_shape'
  if (data.coin !== symbol) return 'wrong_symbol'
  const ts = Number.isInteger(data.time) ? Number(data.time) * 1000 : -1
  if (!Number.isSafeInteger(ts) || ts < 0) return 'wrong_shape'
  if (!Array.isArray(data.levels) || data.levels.length !== 2) return 'wrong_shape'
  const [bids, asks]: unknown[] = data.levels
  if (!Array.isArray(bids) || !Array.isArray(asks)) return 'wrong_shape'
  const known =
    hasOnly(parsed, TOP_FIELDS) && hasOnly(raw, RAW_FIELDS) && hasOnly(data, DATA_FIELDS)
  return { received, version, ts, bids, asks, known }
}

const TOP_FIELDS = new Set(['time', 'ver_num', 'raw'])
const RAW_FIELDS = new Set(['channel', 'data'])
const DATA_FIELDS = new Set(['coin', 'time', 'levels'])
const LEVEL_FIELDS = new Set(['px', 'sz', 'n'])

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function hasOnly(value: object, fields: ReadonlySet<string>): boolean {
  for (const field in value) if (!fields.has(field)) return false
  return true
}

function areKnown(levels: readonly unknown[]): boolean {
  return levels.every((level) => isObject(level) && hasOnly(level, LEVEL_FIELDS))
}

/** `[{"px":"93619.0","sz":"1.11071","n":3},…]` */
function readSide(levels: readonly unknown[]): Side | RejectReason {
  const prices: number[] = []
  const sizes: number[] = []
  const counts: number[] = []
  for (const level of levels) {
    if (!isObject(level)) return 'wrong_shape'
    const price = parseAmount(level.px)
    if (typeof price === 'string') return price
    const size = parseAmount(level.sz)
    if (typeof size === 'string') return size
    const count = readCount(level.n)
    if (typeof count === 'string') return count
    prices.push(price)
    sizes.push(size)
    counts.push(count)
  }
  return { prices, sizes, counts }
}

function readCount(value: unknown): number | RejectReason {
  if (typeof value !== 'number') return 'wrong_shape'
  if (value < 0) return 'negative'
  return Number.isSafeInteger(value) ? value : 'wrong_shape'
}

/** Crossed and locked compare the best prices, wherever in their side they stand. */
function oddities(bids: Side, asks: Side): string[] {
  const [bidDepth, askDepth] = [bids.prices.length, asks.prices.length]
  if (bidDepth === 0 && askDepth === 0) return ['empty_book']
  const warnings: string[] = []
  const oneSided = bidDepth === 0 || askDepth === 0
  if (oneSided) warnings.push('one_sided')
  if (!isDescending(bids.prices) || !isAscending(asks.prices)) warnings.push('unsorted')
  if (!oneSided) {
    const gap = lowest(asks.prices) - highest(bids.prices)
    if (gap < 0) warnings.push('crossed')
    if (gap === 0) warnings.push('locked')
  }
  if ([bidDepth, askDepth].some((depth) => depth > 0 && depth !== DEPTH)) warnings.push('depth')
  return warnings
}

function isDescending(prices: readonly number[]): boolean {
  return prices.every((price, at) => at === 0 || price < (prices[at - 1] ?? 0))
}

function isAscending(prices: readonly number[]): boolean {
  return prices.every((price, at) => at === 0 || price > (prices[at - 1] ?? 0))
}

function lowest(prices: readonly number[]): number {
  return prices.reduce((least, price) => Math.min(least, price), Infinity)
}

function highest(prices: readonly number[]): number {
  return prices.reduce((most, price) => Math.max(most, price), -Infinity)
}
