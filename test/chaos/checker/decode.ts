import { HOUR_MS } from '@backtide/core/range'
import { decompressFrameSync } from 'lz4-napi'
import type { Frame } from '../archive/frame.ts'
import type { Place } from '../archive/lines.ts'

// The slow, obvious reading of an object. It shares no line with what it checks: nothing of
// `datasets` or `activities` may be imported here.

/** What an object says. */
export interface DecodedObject {
  /** In the order of their lines. */
  readonly books: readonly DecodedBook[]
  readonly rejected: number
}

/** One line of an object. */
export interface DecodedBook {
  /** Exchange time, UTC milliseconds. */
  readonly time: number
  /** Recorder time, UTC nanoseconds. */
  readonly recv: bigint
  readonly bids: readonly DecodedLevel[]
  readonly asks: readonly DecodedLevel[]
}

/** Price, size, number of orders. */
export type DecodedLevel = readonly [number, number, number]

/** Reads what can be read of an object, line by line. */
export function decodeObject(object: Place & Pick<Frame, 'readable'>): DecodedObject {
  const text = decompressFrameSync(object.readable).toString('utf8')
  const read = text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => readLine(line, object))
  const books = read.filter((book) => book !== undefined)
  return { books, rejected: read.length - books.length }
}

/** Undefined for a line that must not be loaded. */
function readLine(line: string, { coin, hour }: Place): DecodedBook | undefined {
  const message = parse(line)
  if (message === undefined || message.raw.channel !== 'l2Book') return undefined
  const { data } = message.raw
  const recv = nanosOf(message.time)
  const [bids, asks] = data.levels.map(levelsOf)
  if (data.coin !== coin || !isNear(recv, hour) || !bids || !asks) return undefined
  if ([...bids, ...asks].flat().some((value) => value < 0)) return undefined
  return { time: data.time, recv, bids, asks }
}

function parse(line: string): Message | undefined {
  try {
    return JSON.parse(line) as Message
  } catch {
    return undefined
  }
}

/** `2025-01-01T00:00:02.238437296` */
function nanosOf(text: string): bigint {
  const [seconds = '', decimals = ''] = text.split('.')
  return BigInt(Date.parse(`${seconds}Z`)) * 1_000_000n + BigInt(decimals.padEnd(9, '0'))
}

/** The recorder's clock may be five minutes outside of the hour. */
function isNear(recv: bigint, hour: number): boolean {
  const ms = Number(recv / 1_000_000n)
  return ms >= hour - TOLERANCE_MS && ms < hour + HOUR_MS + TOLERANCE_MS
}

const TOLERANCE_MS = 300_000

function levelsOf(levels: readonly MessageLevel[]): DecodedLevel[] {
  return levels.map(({ px, sz, n }) => [Number(px), Number(sz), n] as const)
}

interface Message {
  readonly time: string
  readonly raw: {
    readonly channel: string
    readonly data: {
      readonly coin: string
      readonly time: number
      readonly levels: readonly (readonly MessageLevel[])[]
    }
  }
}

interface MessageLevel {
  readonly px: string
  readonly sz: string
  readonly n: number
}
