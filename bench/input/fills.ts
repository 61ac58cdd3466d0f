import { HOUR_MS, type Range } from '@backtide/core/range'
import { hyperliquidFills } from '@backtide/datasets/hyperliquid/fills'
import { createHash } from 'node:crypto'
import { writeFrame } from './frame.ts'
import { noise } from './noise.ts'

/** An hour of fills of all coins, as an object of blocks. */
export interface FillInput {
  readonly coins: readonly string[]
  readonly range: Range
  readonly rows: number
  /** Decoded bytes: lines of JSON. */
  readonly bytes: number
  readonly key: string
  readonly packed: Buffer
}

/** Makes an hour of so many fills, two a match: blocks of some matches, users and coins as they are spread. */
export function makeFills(start: number, count: number): FillInput {
  const lines = linesOf(start, count / 2)
  const bytes = lines.reduce((sum, line) => sum + line.length, 0)
  const [key = ''] = hyperliquidFills.source.objects(start, '*')
  const packed = Buffer.concat([...writeFrame(lines, 7)])
  return {
    coins: ['*'],
    range: { from: start, to: start + HOUR_MS },
    rows: count,
    bytes,
    key,
    packed,
  }
}

/** Blocks of an hour: most have one match or two, few have many. */
const BLOCKS = 44_000
const COINS = 246
const USERS = 5_500

function linesOf(start: number, matches: number): Buffer[] {
  const lines: Buffer[] = []
  const hour = start / HOUR_MS
  for (let block = 0, done = 0; done < matches; block++) {
    const left = matches - done
    const room = Math.max(1, BLOCKS - block)
    const drawn = noise(hour, block, 0)
    const some = room === 1 ? left : Math.min(left, drawn % Math.ceil((2 * left) / room + 1))
    const ms = start + Math.floor((block * HOUR_MS) / (BLOCKS + 1))
    const events = Array.from({ length: some }, (_, at) => matchOf(hour, done + at, ms)).flat()
    lines.push(Buffer.from(`${blockOf(ms, block, drawn, events)}\n`))
    done += some
  }
  return lines
}

function blockOf(ms: number, block: number, drawn: number, events: readonly string[]): string {
  const [local, made] = [nanos(ms + 200 + (drawn % 300), drawn), nanos(ms, drawn >>> 5)]
  return `{"local_time":"${local}","block_time":"${made}","block_number":${812_000_000 + block},"events":[${events.join(',')}]}`
}

function nanos(at: number, beyond: number): string {
  return `${new Date(at).toISOString().slice(0, -1)}${String(beyond % 1_000_000).padStart(6, '0')}`
}

/** Both parties of a match, as the venue writes them. */
function matchOf(hour: number, match: number, ms: number): readonly string[] {
  const [a, b, c] = [noise(hour, match, 1), noise(hour, match, 2), noise(hour, match, 3)]
  const coin = skewed(a, COINS)
  const price = (10 ** (coin % 6) * (1 + (b % 1000) / 10_000)).toFixed(5 - (coin % 6))
  const size = ((1 + (c % 5000)) / 10 ** (coin % 4)).toFixed(coin % 4 || 1)
  const hash = a % 4 === 0 ? '0'.repeat(64) : hexOf(`${hour} ${match >> 2}`, 64)
  const tid = a * 2 ** 18 + (b % 2 ** 18)
  const isBuy = (b & 1) === 0
  const facts = { coin, price, size, hash, tid, ms }
  return [
    fillOf({ ...facts, drawn: b, isBuy, crossed: true }),
    fillOf({ ...facts, drawn: c, isBuy: !isBuy, crossed: false }),
  ]
}

interface Party {
  readonly coin: number
  readonly price: string
  readonly size: string
  readonly hash: string
  readonly tid: number
  readonly ms: number
  readonly drawn: number
  readonly isBuy: boolean
  readonly crossed: boolean
}

const DIRS = [
  'Open Long',
  'Close Short',
  'Open Short',
  'Close Long',
  'Short > Long',
  'Long > Short',
]

function fillOf({ coin, price, size, hash, tid, ms, drawn, isBuy, crossed }: Party): string {
  const user = hexOf(`user ${skewed(drawn, USERS)}`, 40)
  const position = ((drawn % 2_000_001) / 100 - 10_000).toFixed(2)
  const isClosing = drawn % 3 === 0
  const dir = DIRS[(isBuy ? 0 : 2) + (isClosing ? 1 : 0)]
  const pnl = isClosing ? ((drawn % 20_001) / 100 - 100).toFixed(4) : '0.0'
  const fee = ((drawn % 10_000) / (crossed ? 10_000 : -100_000)).toFixed(6)
  const cloid = drawn % 5 < 3 ? `,"cloid":"0x${hexOf(`${drawn}`, 32)}"` : ''
  const builder =
    drawn % 17 === 0 ? `,"builderFee":"0.0${drawn % 997}","builder":"0x${hexOf('b', 40)}"` : ''
  const liquidation =
    drawn % 251 === 0
      ? `,"liquidation":{"liquidatedUser":"0x${user}","markPx":"${price}","method":"market"}`
      : ''
  return `["0x${user}",{"coin":"C${coin}","px":"${price}","sz":"${size}","side":"${isBuy ? 'B' : 'A'}","time":${ms},"startPosition":"${position}","dir":"${dir}","closedPnl":"${pnl}","hash":"0x${hash}","oid":${250_000_000_000 + drawn},"crossed":${crossed},"fee":"${fee}","tid":${tid}${cloid}${builder}${liquidation},"feeToken":"USDC","twapId":null}]`
}

/** One of `count`, the first ones much more often. */
function skewed(drawn: number, count: number): number {
  return Math.floor(count * (drawn / 2 ** 32) ** 3)
}

function hexOf(text: string, digits: number): string {
  return createHash('sha256').update(text).digest('hex').slice(0, digits)
}
