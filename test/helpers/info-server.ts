import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'

/** An info endpoint as Hyperliquid has it: silent limits, weights, and answers that are none. */
export interface InfoServer extends AsyncDisposable {
  readonly url: string
  /** Every request, in order. */
  readonly asked: readonly InfoRequest[]
  /** The most weight that any minute of `minuteMs` had. */
  heaviest(): number
  /** How many were told that they are too many. */
  readonly refused: number
  /** Answers instead of the endpoint; undefined leaves it to that. */
  fate: (request: InfoRequest) => InfoFate | undefined
}

export interface InfoRequest {
  readonly at: number
  readonly type: string
  /** Type, and dex where it names one. */
  readonly document: string
  readonly coin: string
  readonly interval: string
  readonly from: number
  readonly to: number
  readonly weight: number
}

export type InfoFate =
  | { readonly status: number; readonly body: string; readonly headers?: Record<string, string> }
  | 'cut'

export interface InfoRecord {
  readonly at: number
  readonly record: object
}

export interface InfoOptions {
  /** Records by type, coin and interval: `candleSnapshot BTC 1h`. */
  readonly records: ReadonlyMap<string, readonly InfoRecord[]>
  /** Answers that are one document, by type and dex: `meta `, `meta xyz`, `spotMeta`. */
  readonly documents?: ReadonlyMap<string, unknown>
  /** Weight allowed a minute, and how long a minute is here, in milliseconds. */
  readonly perMinute?: number
  readonly minuteMs?: number
  readonly candlesKept?: number
}

export async function openInfoServer(options: InfoOptions): Promise<InfoServer> {
  const { perMinute = 1_200, minuteMs = 60_000 } = options
  const asked: InfoRequest[] = []
  const within = (to: number) =>
    asked
      .filter(({ at }) => at > to - minuteMs && at <= to)
      .reduce((sum, { weight }) => sum + weight, 0)
  const host = {
    fate: (() => undefined) as InfoServer['fate'],
    refused: 0,
  }
  const serve = async (incoming: IncomingMessage, answer: ServerResponse) => {
    const request = weigh(options, readRequest(await text(incoming)))
    asked.push(request)
    const fate = host.fate(request)
    if (fate === 'cut') return sendCut(answer)
    if (fate) return void answer.writeHead(fate.status, fate.headers).end(fate.body)
    if (within(request.at) > perMinute) {
      host.refused += 1
      return void answer.writeHead(429).end('null')
    }
    const document = options.documents?.get(request.document)
    if (document) return void answer.writeHead(200, JSON_TYPE).end(JSON.stringify(document))
    answerRecords(options, request, answer)
  }
  const server = createServer((incoming, answer) => void serve(incoming, answer))
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return Object.assign(host, {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    asked,
    heaviest: () => Math.max(0, ...asked.map(({ at }) => within(at))),
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  })
}

interface InfoBody {
  readonly type: string
  readonly coin?: string
  readonly dex?: string
  readonly startTime?: number
  readonly endTime?: number
  readonly req?: InfoBody & { readonly interval: string }
}

function readRequest(body: string): InfoRequest {
  const { type, req, ...rest } = JSON.parse(body) as InfoBody
  const { coin = '', startTime: from = 0, endTime: to = Number.MAX_SAFE_INTEGER } = req ?? rest
  const interval = req?.interval ?? ''
  const document = rest.dex === undefined ? type : `${type} ${rest.dex}`
  return { at: Date.now(), type, document, coin, interval, from, to, weight: 20 }
}

/** Every answer counts for itself and for the records it has. */
function weigh(options: InfoOptions, request: InfoRequest): InfoRequest {
  const records = recordsOf(options, request)?.length ?? 0
  const each = request.type === 'fundingHistory' ? 20 : 60
  return { ...request, weight: 20 + Math.floor(records / each) }
}

/** Funding has the oldest 500 of a range, candles the newest of those that are kept. */
function recordsOf(
  { records, candlesKept = 5_000 }: InfoOptions,
  { type, coin, interval, from, to }: InfoRequest,
): readonly InfoRecord[] | undefined {
  const all = records.get([type, coin, interval].filter(Boolean).join(' '))
  const inside = all?.filter(({ at }) => at >= from && at <= to)
  return type === 'fundingHistory' ? inside?.slice(0, 500) : inside?.slice(-candlesKept)
}

function answerRecords(options: InfoOptions, request: InfoRequest, answer: ServerResponse): void {
  const records = recordsOf(options, request)
  if (!records) return void answer.writeHead(500, JSON_TYPE).end('null')
  answer.writeHead(200, JSON_TYPE).end(JSON.stringify(records.map(({ record }) => record)))
}

const JSON_TYPE = { 'content-type': 'application/json' }

function sendCut(answer: ServerResponse): void {
  answer.writeHead(200, { ...JSON_TYPE, 'content-length': '1000' })
  answer.write('[{"t":1', () => answer.destroy())
}

/** Candles as the endpoint has them, from an instant on. */
export function infoCandles(
  coin: string,
  interval: string,
  lengthMs: number,
  from: number,
  count: number,
): readonly InfoRecord[] {
  return Array.from({ length: count }, (_, index) => {
    const at = from + index * lengthMs
    const price = 50_000 + (index % 977)
    const record = {
      t: at,
      T: at + lengthMs - 1,
      s: coin,
      i: interval,
      o: `${price}.0`,
      c: `${price + 1}.5`,
      h: `${price + 7}.0`,
      l: `${price - 3}.0`,
      v: `${(index % 13) + 0.5}`,
      n: (index % 13) * 4,
    }
    return { at, record }
  })
}

/** Hourly rates as the endpoint has them: some milliseconds late. */
export function infoFunding(coin: string, from: number, count: number): readonly InfoRecord[] {
  return Array.from({ length: count }, (_, index) => {
    const at = from + index * 3_600_000 + (index % 90)
    const record = {
      coin,
      fundingRate: (0.0000125 + index * 1e-9).toFixed(10),
      premium: index % 7 === 3 ? 'NaN' : (-0.0004 + index * 1e-7).toFixed(10),
      time: at,
    }
    return { at, record }
  })
}
