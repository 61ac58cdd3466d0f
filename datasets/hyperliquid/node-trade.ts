import { crc32 } from 'node:zlib'
import type { RejectReason } from '../dataset.ts'
import { parseAmount } from '../values/decimal.ts'
import { parseUtcTime } from '../values/time.ts'
import { COIN } from './archive.ts'
import { hasOnly, isCount, isObject, NOT_JSON, parseJson } from '../values/json-line.ts'

/** A trade as a node wrote it. */
export interface NodeTrade {
  readonly coin: string
  /** UTC microseconds: what a node tells beyond them is cut off. */
  readonly ts: number
  readonly price: number
  readonly size: number
  /** Whether the taker bought. */
  readonly isBuy: boolean
  /** Orders of buyer and seller: `12212201265-12212198275`. */
  readonly orders: string
  /** It has no field that is not known. */
  readonly known: boolean
}

/**
 * Reads a line of `node_trades/hourly/…`, strictly: a field that is missing or of another type makes it
 * `wrong_shape`. "L1 data schemas" in Hyperliquid's documentation.
 */
export function parseNodeTrade(line: Buffer): NodeTrade | RejectReason {
  const parsed = parseJson(line)
  if (parsed === NOT_JSON) return 'not_json'
  if (!isObject(parsed)) return 'wrong_shape'
  const { coin, side, time, px, sz, side_info: sides } = parsed
  const at = typeof time === 'string' ? parseUtcTime(time) : undefined
  const orders = readOrders(sides)
  if (!at || !orders || typeof coin !== 'string') return 'wrong_shape'
  if (side !== 'A' && side !== 'B') return 'wrong_shape'
  if (!COIN.test(coin)) return 'wrong_symbol'
  const price = parseAmount(px)
  if (typeof price === 'string') return price
  const size = parseAmount(sz)
  if (typeof size === 'string') return size
  const known = hasOnly(parsed, FIELDS)
  return { coin, ts: at.micros, price, size, isBuy: side === 'B', orders, known }
}

/** `[{"user":"0x…","oid":12212201265,…},{…}]`: buyer, then seller, whoever was the taker. */
function readOrders(sides: unknown): string | undefined {
  if (!Array.isArray(sides) || sides.length !== 2) return undefined
  const [buyer, seller]: unknown[] = sides
  if (!isObject(buyer) || !isObject(seller)) return undefined
  return isCount(buyer.oid) && isCount(seller.oid) ? `${buyer.oid}-${seller.oid}` : undefined
}

/**
 * Ids of the trades of one object. Two orders meet once in a block; where they do so again with other
 * content an ordinal follows, in the order of the lines, so none takes the place of another. The same
 * line again is the same trade.
 */
export class NodeTradeIds {
  /** Checksums of lines by time, coin and id: some 100 bytes a trade, of an hour that has 100,000. */
  readonly #lines = new Map<string, number>()

  of({ ts, coin, orders }: NodeTrade, line: Buffer): string {
    const content = crc32(line)
    for (let ordinal = 1; ; ordinal++) {
      const id = ordinal === 1 ? orders : `${orders}-${ordinal}`
      const key = `${ts} ${coin} ${id}`
      const known = this.#lines.get(key)
      if (known === content) return id
      if (known === undefined) {
        this.#lines.set(key, content)
        return id
      }
    }
  }
}

const FIELDS = new Set([
  'coin',
  'side',
  'time',
  'px',
  'sz',
  'hash',
  'trade_dir_override',
  'side_info',
])
