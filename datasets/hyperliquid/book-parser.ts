import type { ObjectContext, RejectReason } from '../dataset.ts'
import { parseAmount } from '../values/decimal.ts'
import { isNearPartition, isNearReceived, parseUtcTime } from '../values/time.ts'
import type { Book, Side } from './book.ts'
import { hasOnly, isObject, NOT_JSON, parseJson } from '../values/json-line.ts'

/**
 * Reads a line of `market_data/…/l2Book/….lz4` into `book`, strictly: a field that is missing or of
 * another type makes it `wrong_shape`; fields that are not known are warned of only, the venue adds
 * some at times. Returns why it is none; what `book` holds is undefined then.
 */
export function parseBook(line: Buffer, object: ObjectContext, book: Book): true | RejectReason {
  const parsed = parseJson(line)
  if (parsed === NOT_JSON) return 'not_json'
  const message = readMessage(parsed, object.symbol)
  if (typeof message === 'string') return message
  const received = parseUtcTime(message.received)
  if (!received) return 'wrong_shape'
  if (!isNearPartition(received.micros, object)) return 'outside_partition'
  if (!isNearReceived(message.ts, received)) return 'time_apart'
  book.ts = message.ts
  book.receivedMicros = received.micros
  book.receivedNanos = received.nanos
  book.formWarnings = formWarnings(message)
  const bids = readSide(message.bids, book.bids)
  return bids === true ? readSide(message.asks, book.asks) : bids
}

function formWarnings({ known, version, bids, asks }: Message): readonly string[] {
  const isKnown = known && areKnown(bids) && areKnown(asks)
  return [...(isKnown ? [] : ['unknown_field']), ...(version === 1 ? [] : ['ver_num'])]
}

interface Message {
  readonly received: string
  readonly version: unknown
  readonly ts: number
  readonly bids: readonly unknown[]
  readonly asks: readonly unknown[]
  /** It has no field that is not known. */
  readonly known: boolean
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

function areKnown(levels: readonly unknown[]): boolean {
  return levels.every((level) => isObject(level) && hasOnly(level, LEVEL_FIELDS))
}

/** `[{"px":"93619.0","sz":"1.11071","n":3},…]` */
function readSide(levels: readonly unknown[], side: Side): true | RejectReason {
  side.depth = 0
  for (const level of levels) {
    if (!isObject(level)) return 'wrong_shape'
    const price = parseAmount(level.px)
    if (typeof price === 'string') return price
    const size = parseAmount(level.sz)
    if (typeof size === 'string') return size
    const count = readCount(level.n)
    if (typeof count === 'string') return count
    side.add(price, size, count)
  }
  return true
}

function readCount(value: unknown): number | RejectReason {
  if (typeof value !== 'number') return 'wrong_shape'
  if (value < 0) return 'negative'
  return Number.isSafeInteger(value) ? value : 'wrong_shape'
}
