import { createQuestDb } from '@backtide/store/questdb'
import { StoreUnavailableError } from '@backtide/store/errors'
import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'

/** What a server has heard, in order: rows as they come, `|` where their request ends. */
let heard: string[]
let answers: Map<string, ServerResponse>
let changed: (() => void)[]
let conf: string
const server = createServer((request, response) => void listen(request, response))

async function listen(request: IncomingMessage, response: ServerResponse): Promise<void> {
  let rows = ''
  request.on('error', () => {})
  request.on('data', (piece: Buffer) => {
    rows += piece.toString()
    tell(rows)
  })
  await once(request, 'end').catch(() => {})
  if (!request.complete) return
  answers.set(rows, response)
  tell(`${rows}|`)
}

function tell(what: string): void {
  heard.push(what)
  changed.splice(0).forEach((wake) => wake())
}

async function untilHeard(what: string): Promise<void> {
  while (!heard.includes(what)) await new Promise<void>((resolve) => changed.push(resolve))
}

function answer(rows: string, status: number): void {
  answers.get(rows)?.writeHead(status).end()
}

beforeEach(async () => {
  heard = []
  answers = new Map()
  changed = []
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  conf = `http::addr=127.0.0.1:${(server.address() as AddressInfo).port};retry_timeout=0;`
})

afterEach(() => {
  server.closeAllConnections()
  server.close()
})

describe('bodies that are on their way together', () => {
  it('are read at once, and the later one ends after the earlier one was answered', async () => {
    const db = createQuestDb(conf)
    const first = db.send(Buffer.from('first'))
    const second = db.send(Buffer.from('second'), first)
    await Promise.all([untilHeard('first|'), untilHeard('second')])
    expect(heard).not.toContain('second|')
    answer('first', 204)
    await first
    await untilHeard('second|')
    answer('second', 204)
    await second
  })

  it('fail together when the earlier one is not taken, and the later one never ends', async () => {
    const db = createQuestDb(conf)
    const first = db.send(Buffer.from('first'))
    const second = db.send(Buffer.from('second'), first)
    const failures = Promise.allSettled([first, second])
    await Promise.all([untilHeard('first|'), untilHeard('second')])
    answer('first', 503)
    for (const result of await failures) {
      expect(result).toMatchObject({ reason: expect.any(StoreUnavailableError) as unknown })
    }
    expect(heard).not.toContain('second|')
  })

  it('do not hold up a body that follows none', async () => {
    const db = createQuestDb(conf)
    const first = db.send(Buffer.from('first'))
    const second = db.send(Buffer.from('second'), first)
    const other = db.send(Buffer.from('other'))
    await untilHeard('other|')
    answer('other', 204)
    await other
    await untilHeard('first|')
    answer('first', 204)
    await untilHeard('second|')
    answer('second', 204)
    await Promise.all([first, second])
  })
})
