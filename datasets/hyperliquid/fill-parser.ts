import type { ObjectContext, RejectReason } from '../dataset.ts'
import { parseAmount, parseSigned } from '../values/decimal.ts'
import { parseUtcTime } from '../values/time.ts'
import { COIN } from './archive.ts'
import { FILL_REACH_MS, type Block, type Fill } from './fill.ts'
import { hasOnly, isCount, isObject } from '../values/json-line.ts'

/**
 * Reads `["0x…",{"coin":"BTC",…}]` into `fill`, strictly: a field that is missing or of another type
 * makes it `wrong_shape`. Returns why it is none; what `fill` holds is undefined then.
 */
export function parseFill(value: unknown, object: ObjectContext, fill: Fill): true | RejectReason {
  if (!Array.isArray(value) || value.length !== 2) return 'wrong_shape'
  const [user, fields]: unknown[] = value
  if (!isHex(user, ADDRESS) || !isObject(fields)) return 'wrong_shape'
  fill.user = user
  const reading = readWords(fields, fill)
  if (reading !== true) return reading
  const amounts = readAmounts(fields, fill)
  if (amounts !== true) return amounts
  const rest = readRest(fields, fill)
  if (rest !== true) return rest
  return isInReach(fill.ts, object) ? true : 'outside_partition'
}

/** Whether a time (UTC microseconds) may be one of an object. */
export function isInReach(ts: number, { from, to }: ObjectContext): boolean {
  return ts >= (from - FILL_REACH_MS) * 1000 && ts < (to + FILL_REACH_MS) * 1000
}

/** `{"local_time":"…","block_time":"…","block_number":1,"events":[…]}`: returns the events. */
export function parseBlock(parsed: unknown, block: Block): readonly unknown[] | 'wrong_shape' {
  if (!isObject(parsed)) return 'wrong_shape'
  const { local_time: received, block_time: made, block_number: number, events } = parsed
  if (typeof received !== 'string' || typeof made !== 'string') return 'wrong_shape'
  const [at, recorded] = [parseUtcTime(made), parseUtcTime(received)]
  if (!at || !recorded || !isCount(number) || !Array.isArray(events)) return 'wrong_shape'
  Object.assign(block, {
    number,
    micros: at.micros,
    nanos: at.nanos,
    receivedMicros: recorded.micros,
    receivedNanos: recorded.nanos,
    known: hasOnly(parsed, BLOCK_FIELDS),
  })
  return events
}

/** All that is not a decimal. */
function readWords(fields: Record<string, unknown>, fill: Fill): true | RejectReason {
  const { coin, side, time, dir, hash, oid, crossed, tid, feeToken } = fields
  if (typeof coin !== 'string' || (side !== 'A' && side !== 'B')) return 'wrong_shape'
  if (!isCount(time) || !Number.isSafeInteger(time * 1000)) return 'wrong_shape'
  if (!isWord(dir) || !isWord(feeToken) || !isHex(hash, HASH)) return 'wrong_shape'
  if (!isCount(oid) || !isCount(tid) || typeof crossed !== 'boolean') return 'wrong_shape'
  if (!COIN.test(coin)) return 'wrong_symbol'
  const ts = time * 1000
  Object.assign(fill, { coin, isBuy: side === 'B', ts, dir, hash, oid, crossed, tid, feeToken })
  return true
}

function readAmounts(fields: Record<string, unknown>, fill: Fill): true | RejectReason {
  const [price, size] = [parseAmount(fields.px), parseAmount(fields.sz)]
  const startPosition = parseSigned(fields.startPosition)
  const [closedPnl, fee] = [parseSigned(fields.closedPnl), parseSigned(fields.fee)]
  const amounts = [price, size, startPosition, closedPnl, fee]
  const wrong = amounts.find((amount) => typeof amount === 'string')
  if (wrong !== undefined) return wrong
  Object.assign(fill, { price, size, startPosition, closedPnl, fee })
  return true
}

/** What not every fill has: absent, or null. */
function readRest(fields: Record<string, unknown>, fill: Fill): true | RejectReason {
  fill.clearRest()
  const { cloid, twapId, builder, liquidation } = fields
  if (!isNone(cloid)) {
    if (!isHex(cloid, CLOID)) return 'wrong_shape'
    fill.cloid = cloid
  }
  if (!isNone(twapId)) {
    if (!isCount(twapId)) return 'wrong_shape'
    fill.twapId = twapId
  }
  if (!isNone(builder)) {
    if (!isHex(builder, ADDRESS)) return 'wrong_shape'
    fill.builder = builder
  }
  for (const name of ['builderFee', 'deployerFee', 'priorityGas'] as const) {
    const amount = isNone(fields[name]) ? Number.NaN : parseSigned(fields[name])
    if (typeof amount === 'string') return amount
    fill[name] = amount
  }
  fill.known = hasOnly(fields, FILL_FIELDS)
  return isNone(liquidation) ? true : readLiquidation(liquidation, fill)
}

/** `{"liquidatedUser":"0x…","markPx":"72.149","method":"market"}` */
function readLiquidation(value: unknown, fill: Fill): true | RejectReason {
  if (!isObject(value)) return 'wrong_shape'
  const { liquidatedUser, markPx, method } = value
  if (!isHex(liquidatedUser, ADDRESS) || !isWord(method)) return 'wrong_shape'
  const markPrice = parseAmount(markPx)
  if (typeof markPrice === 'string') return markPrice
  fill.liquidatedUser = liquidatedUser
  fill.liquidationMarkPrice = markPrice
  fill.liquidationMethod = method
  fill.known &&= hasOnly(value, LIQUIDATION_FIELDS)
  return true
}

function isNone(value: unknown): value is undefined | null {
  return value === undefined || value === null
}

/** Words become symbols: nothing that is not printed. */
function isWord(value: unknown): value is string {
  return typeof value === 'string' && WORD.test(value)
}

function isHex(value: unknown, form: RegExp): value is string {
  return typeof value === 'string' && form.test(value)
}

/** Most characters that a word has. */
export const LONGEST_WORD = 60

const WORD = new RegExp(`^[ -~]{1,${LONGEST_WORD}}$`)
const ADDRESS = /^0x[0-9a-f]{40}$/
const CLOID = /^0x[0-9a-f]{32}$/
const HASH = /^0x[0-9a-f]{64}$/

const BLOCK_FIELDS = new Set(['local_time', 'block_time', 'block_number', 'events'])
const LIQUIDATION_FIELDS = new Set(['liquidatedUser', 'markPx', 'method'])
const FILL_FIELDS = new Set([
  'coin',
  'px',
  'sz',
  'side',
  'time',
  'startPosition',
  'dir',
  'closedPnl',
  'hash',
  'oid',
  'crossed',
  'fee',
  'tid',
  'feeToken',
  'cloid',
  'twapId',
  'builder',
  'builderFee',
  'deployerFee',
  'priorityGas',
  'liquidation',
])
