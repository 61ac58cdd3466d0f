import type { ObjectContext, RejectReason } from '@backtide/datasets/dataset'
import { parseAmount, parseSigned } from '@backtide/datasets/values/decimal'
import { parseUtcTime, type UtcTime } from '@backtide/datasets/values/time'

/** A fill, its columns by kind and name. */
export interface FillFacts {
  readonly ts: number
  readonly coin: string
  readonly market: string
  readonly side: 'buy' | 'sell'
  readonly tid: number
  readonly crossed: boolean
  readonly words: Readonly<Record<string, string>>
  readonly hexes: Readonly<Record<string, string | undefined>>
  readonly amounts: Readonly<Record<string, number | undefined>>
  readonly integers: Readonly<Record<string, number | undefined>>
  readonly odd: boolean
}

/** The block of a line. */
export interface BlockFacts {
  readonly number: number
  readonly made: UtcTime
  readonly received: UtcTime
}

type Fields = Readonly<Record<string, unknown>>

/** Reads the block of a line. */
export function readBlock(parsed: unknown) {
  if (!isFields(parsed)) return undefined
  const { local_time: local, block_time: time, block_number: number, events } = parsed
  const made = typeof time === 'string' ? parseUtcTime(time) : undefined
  const received = typeof local === 'string' ? parseUtcTime(local) : undefined
  if (!made || !received || !isCount(number) || !Array.isArray(events)) return undefined
  const odd = Object.keys(parsed).length > 4
  return { block: { number, made, received }, events: events as readonly unknown[], odd }
}

const COIN = /^(?=.{1,40}$)(?!.*\.\.)[\w@:#][\w@:#.-]*(?:\/[\w@:#][\w@:#.-]*)*$/
const REACH_MS = 65 * 60_000

/** Reads a fill, or why it is none. */
export function readFill(event: unknown, { from, to }: ObjectContext): FillFacts | RejectReason {
  if (!Array.isArray(event) || event.length !== 2) return 'wrong_shape'
  const [user, fields]: unknown[] = event
  if (!isHex(user, 40) || !isFields(fields)) return 'wrong_shape'
  const { coin, side, time, dir, feeToken, hash, oid, tid, crossed } = fields
  const [isBuy, isSell] = [side === 'B', side === 'A']
  if (typeof coin !== 'string' || (!isBuy && !isSell)) return 'wrong_shape'
  if (!isCount(time) || !isCount(time * 1000) || !isCount(oid) || !isCount(tid)) {
    return 'wrong_shape'
  }
  if (!isWord(dir) || !isWord(feeToken) || !isHex(hash, 64)) return 'wrong_shape'
  if (typeof crossed !== 'boolean') return 'wrong_shape'
  if (!COIN.test(coin)) return 'wrong_symbol'
  const needed = readAll({
    price: parseAmount(fields.px),
    size: parseAmount(fields.sz),
    start_position: parseSigned(fields.startPosition),
    closed_pnl: parseSigned(fields.closedPnl),
    fee: parseSigned(fields.fee),
  })
  if (typeof needed === 'string') return needed
  const rest = readRest(fields)
  if (typeof rest === 'string') return rest
  const inReach = time >= from - REACH_MS && time < to + REACH_MS
  if (!inReach) return 'outside_partition'
  return {
    ts: time * 1000,
    coin,
    market: marketOf(coin),
    side: isBuy ? 'buy' : 'sell',
    tid,
    crossed,
    words: { dir, fee_token: feeToken, ...rest.words },
    hexes: { user, hash, ...rest.hexes },
    amounts: { ...needed, ...rest.amounts },
    integers: { tid, oid, ...rest.integers },
    odd: rest.odd,
  }
}

function marketOf(coin: string): string {
  if (coin.startsWith('#')) return 'outcome'
  return coin.startsWith('@') || coin.includes('/') ? 'spot' : 'perp'
}

function readRest(fields: Fields) {
  const { cloid, twapId, builder, liquidation } = fields
  if (!isNone(cloid) && !isHex(cloid, 32)) return 'wrong_shape'
  if (!isNone(twapId) && !isCount(twapId)) return 'wrong_shape'
  if (!isNone(builder) && !isHex(builder, 40)) return 'wrong_shape'
  const fees = readAll({
    builder_fee: orNone(fields.builderFee),
    deployer_fee: orNone(fields.deployerFee),
    priority_gas: orNone(fields.priorityGas),
  })
  if (typeof fees === 'string') return fees
  const odd = Object.keys(fields).some((name) => !KNOWN.includes(name))
  const found = {
    words: {},
    hexes: { cloid: cloid ?? undefined, builder: builder ?? undefined },
    amounts: fees,
    integers: { twap_id: twapId ?? undefined },
    odd,
  }
  if (isNone(liquidation)) return found
  if (!isFields(liquidation)) return 'wrong_shape'
  const { liquidatedUser, markPx, method } = liquidation
  if (!isHex(liquidatedUser, 40) || !isWord(method)) return 'wrong_shape'
  const mark = parseAmount(markPx)
  if (typeof mark === 'string') return mark
  return {
    ...found,
    words: { liquidation_method: method },
    hexes: { ...found.hexes, liquidated_user: liquidatedUser },
    amounts: { ...fees, liquidation_mark_price: mark },
    odd: odd || Object.keys(liquidation).length > 3,
  }
}

const KNOWN =
  'coin px sz side time startPosition dir closedPnl hash oid crossed fee tid feeToken cloid twapId builder builderFee deployerFee priorityGas liquidation'.split(
    ' ',
  )

type Amounts = Readonly<Record<string, number | undefined>>

/** The first reason, or all of them as numbers. */
function readAll(read: Readonly<Record<string, number | RejectReason | undefined>>) {
  const wrong = Object.values(read).find((value) => typeof value === 'string')
  return wrong === undefined ? (read as Amounts) : wrong
}

function orNone(value: unknown): number | RejectReason | undefined {
  return isNone(value) ? undefined : parseSigned(value)
}

function isNone(value: unknown): value is undefined | null {
  return value === undefined || value === null
}

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function isCount(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0
}

function isHex(value: unknown, digits: number): value is string {
  return typeof value === 'string' && new RegExp(`^0x[0-9a-f]{${digits}}$`).test(value)
}

function isWord(value: unknown): value is string {
  return typeof value === 'string' && /^[\x20-\x7e]{1,60}$/.test(value)
}
