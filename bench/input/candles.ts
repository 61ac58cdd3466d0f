import { partitionsOf } from '@backtide/core/partition'
import { DAY_MS, type Range } from '@backtide/core/range'
import { seriesOf } from '@backtide/core/series'
import { binanceKlines } from '@backtide/datasets/binance/klines'
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { crc32, deflateRawSync } from 'node:zlib'
import { noise } from './noise.ts'

/** Candles of some coins, a minute each, as files of days. */
export interface CandleInput {
  readonly coins: readonly string[]
  readonly range: Range
  readonly rows: number
  readonly files: readonly CandleFile[]
}

export interface CandleFile {
  readonly coin: string
  /** Below the base URL of the source. */
  readonly key: string
  readonly bytes: Buffer
}

const MINUTES = 1440

/** Makes files of whole days. */
export function makeCandles(coins: readonly string[], start: number, days: number): CandleInput {
  const range = { from: start, to: start + days * DAY_MS }
  const files = [...partitionsOf(range, 'day')].flatMap((day) =>
    coins.map((coin, index): CandleFile => {
      const [key = ''] = binanceKlines.source.objects(day, seriesOf(coin, '1m'))
      return { coin, key, bytes: zip(key, linesOf(day, index)) }
    }),
  )
  return { coins, range, files, rows: files.length * MINUTES }
}

/** The files at URLs, with their checksum files, as Binance has them. */
export async function serveCandles({ files }: CandleInput): Promise<AsyncDisposable & Host> {
  const served = new Map<string, Buffer>()
  for (const { key, bytes } of files) {
    const sum = createHash('sha256').update(bytes).digest('hex')
    served.set(`/${key}`, bytes)
    served.set(`/${key}.CHECKSUM`, Buffer.from(`${sum}  ${key.split('/').at(-1)}\n`))
  }
  const server = createServer(({ url = '' }, answer) => {
    const bytes = served.get(url)
    const etag = `"${url.length}-${bytes?.length}"`
    if (bytes) answer.writeHead(200, { 'content-length': bytes.length, etag }).end(bytes)
    else answer.writeHead(404).end()
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}

export interface Host {
  readonly url: string
}

/** A walk of a price, in microseconds and eight decimals. */
function linesOf(day: number, coin: number): Buffer {
  let drawn = 0
  const draw = () => noise(day / DAY_MS, coin, drawn++) / 2 ** 32
  let close = 100 * (coin + 1)
  let text = ''
  for (let minute = 0; minute < MINUTES; minute++) {
    const open = close
    close = Math.max(1, open + draw() - 0.5)
    const volume = draw() * 1000
    const ts = (day + minute * 60_000) * 1000
    const prices = [open, Math.max(open, close) + draw(), Math.min(open, close) * 0.999, close]
    const amounts = [volume * close, volume / 2, (volume / 2) * close].map((one) => one.toFixed(8))
    const [quote, ...taken] = amounts
    const first = [...prices, volume].map((one) => one.toFixed(8)).join(',')
    const count = Math.floor(draw() * 5000)
    text += `${ts},${first},${ts + 59_999_999},${quote},${count},${taken.join(',')},0\n`
  }
  return Buffer.from(text)
}

/** An archive of one file (APPNOTE 6.3.10). */
function zip(key: string, content: Buffer): Buffer {
  const name = Buffer.from((key.split('/').at(-1) ?? '').replace('.zip', '.csv'))
  const body = deflateRawSync(content)
  const facts = Buffer.alloc(26)
  facts.writeUInt16LE(20, 0)
  facts.writeUInt16LE(8, 4)
  facts.writeUInt32LE(crc32(content), 10)
  facts.writeUInt32LE(body.length, 14)
  facts.writeUInt32LE(content.length, 18)
  facts.writeUInt16LE(name.length, 22)
  const local = Buffer.concat([Buffer.from('PK\u0003\u0004'), facts, name, body])
  const central = [Buffer.from('PK\u0001\u0002\u0014\0'), facts, Buffer.alloc(14), name]
  const directory = Buffer.concat(central)
  const end = Buffer.alloc(22)
  end.write('PK\u0005\u0006')
  end.writeUInt16LE(1, 8)
  end.writeUInt16LE(1, 10)
  end.writeUInt32LE(directory.length, 12)
  end.writeUInt32LE(local.length, 16)
  return Buffer.concat([local, directory, end])
}
