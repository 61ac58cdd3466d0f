import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { basename } from 'node:path'
import { openArchiveWire } from './archive-wire.ts'

/** A host of files at URLs, as venues have them: ranges, ETags, conditions. */
export interface FileHost extends AsyncDisposable {
  /** `http://127.0.0.1:<port>` */
  readonly url: string
  /** Without `etag` it is the MD5 of the bytes; empty for none. */
  put(path: string, bytes: string | Buffer, etag?: string): void
  /** Puts a file and beside it its checksum file, as Binance has them. */
  putSummed(path: string, bytes: Buffer): void
  remove(path: string): void
}

/** Opens a host of files and a wire to it. */
export async function openWiredHost() {
  const host = await openFileHost()
  const wire = await openArchiveWire(host.url)
  const close = async () => {
    await wire[Symbol.asyncDispose]()
    await host[Symbol.asyncDispose]()
  }
  return { host, wire, close }
}

interface StoredFile {
  readonly bytes: Buffer
  readonly etag: string
  readonly modified: string
}

/** Opens a host of files that are put into it. */
export async function openFileHost(): Promise<FileHost> {
  const files = new Map<string, StoredFile>()
  let puts = 0
  const server = createServer((asked, answer) => {
    const file = files.get(decodeURIComponent(asked.url ?? ''))
    if (file) sendFile(file, asked, answer)
    else answer.writeHead(404, { 'content-type': 'application/xml' }).end(NO_SUCH_KEY)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const put: FileHost['put'] = (path, content, etag) => {
    const bytes = Buffer.from(content)
    const modified = new Date(Date.UTC(2026, 0, 1) + puts++ * 1000).toUTCString()
    const md5 = createHash('md5').update(bytes).digest('hex')
    files.set(path, { bytes, modified, etag: etag ?? `"${md5}"` })
  }
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    put,
    putSummed: (path, bytes) => {
      const sum = createHash('sha256').update(bytes).digest('hex')
      put(path, bytes)
      put(`${path}.CHECKSUM`, `${sum}  ${basename(path)}\n`)
    },
    remove: (path) => void files.delete(path),
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}

/** What the bucket behind Binance's files says of one that is not there. */
const NO_SUCH_KEY =
  '<?xml version="1.0" encoding="UTF-8"?>\n' +
  '<Error><Code>NoSuchKey</Code><Message>The specified key does not exist.</Message></Error>'

function sendFile(file: StoredFile, { headers }: IncomingMessage, answer: ServerResponse): void {
  const { bytes, etag, modified } = file
  const shared = { 'last-modified': modified, 'accept-ranges': 'bytes', ...(etag ? { etag } : {}) }
  if (etag && headers['if-none-match'] === etag) return void answer.writeHead(304, shared).end()
  const [, first, last] = /^bytes=(\d+)-(\d+)$/.exec(headers.range ?? '') ?? []
  const condition = headers['if-range']
  const whole = condition !== undefined && condition !== etag && condition !== modified
  if (first === undefined || whole) {
    answer.writeHead(200, { ...shared, 'content-length': bytes.length }).end(bytes)
    return
  }
  const range = `bytes */${bytes.length}`
  if (Number(first) >= bytes.length) {
    answer.writeHead(416, { 'content-range': range }).end()
    return
  }
  const part = bytes.subarray(Number(first), Number(last) + 1)
  const span = `${first}-${Number(first) + part.length - 1}`
  answer
    .writeHead(206, {
      ...shared,
      'content-range': range.replace('*', span),
      'content-length': part.length,
    })
    .end(part)
}
