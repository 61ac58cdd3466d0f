import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

/** An API as CoinMarketCap documents it: a key, pages from the newest on, 30 requests a minute, credits. */
export interface FearGreedServer extends AsyncDisposable {
  readonly url: string
  /** Pages that were asked for, `start limit` each. */
  readonly asked: readonly string[]
  /** What the answers cost. */
  readonly credits: number
  /** Instead of the usual answer; undefined leaves it to that. */
  fate: (url: URL) => { readonly status: number; readonly body: string } | undefined
}

export interface FearGreedOptions {
  readonly key: string
  /** Values by day, the newest first. */
  readonly values: readonly FearGreedValue[]
  /** Credits that are left. */
  readonly credits?: number
}

export interface FearGreedValue {
  /** Seconds, as text. */
  readonly timestamp: string
  readonly value: number
  readonly value_classification: string
}

const DAY = 86_400

/** A value a day, the newest first: of the day that begins at `newest` (UTC milliseconds) and those before. */
export function fearGreedValues(newest: number, count: number): readonly FearGreedValue[] {
  return Array.from({ length: count }, (_, index) => ({
    timestamp: String(newest / 1000 - index * DAY),
    value: (index * 7) % 101,
    value_classification: 'Neutral',
  }))
}

export async function openFearGreedServer(options: FearGreedOptions): Promise<FearGreedServer> {
  const asked: string[] = []
  const host = { fate: (() => undefined) as FearGreedServer['fate'], credits: 0 }
  const serve = (request: IncomingMessage, answer: ServerResponse) => {
    const url = new URL(request.url ?? '', 'http://x')
    const [start = 1, limit = 50] = ['start', 'limit'].map((name) =>
      Number(url.searchParams.get(name)),
    )
    asked.push(`${start} ${limit}`)
    const fate = host.fate(url)
    if (fate) return void answer.writeHead(fate.status).end(fate.body)
    const key = request.headers['x-cmc_pro_api_key']
    if (key === undefined) return refuse(answer, 401, 1002, 'API key missing.')
    if (key !== options.key)
      return refuse(answer, 401, 1001, `This API Key is invalid: ${String(key)}`)
    if (url.pathname !== '/v3/fear-and-greed/historical' || limit > 500 || start < 1) {
      return refuse(answer, 400, 400, 'Bad request')
    }
    if (host.credits >= (options.credits ?? Infinity)) {
      return refuse(answer, 429, 1010, "You've exceeded your API Key's monthly rate limit.")
    }
    host.credits += 1
    const data = options.values.slice(start - 1, start - 1 + limit)
    const status = { error_code: '0', error_message: '', elapsed: 3, credit_count: 1, notice: '' }
    send(answer, 200, { data, status })
  }
  const server = createServer(serve)
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return Object.assign(host, {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    asked,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  })
}

function send(answer: ServerResponse, status: number, body: object): void {
  answer.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
}

function refuse(answer: ServerResponse, status: number, code: number, message: string): void {
  send(answer, status, { status: { error_code: code, error_message: message, credit_count: 0 } })
}
