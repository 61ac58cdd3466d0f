import { StoreRefusedError, StoreUnavailableError } from '@backtide/store/errors'
import type { Fence } from '@backtide/store/fence'
import { createQuestDb, type QuestDb } from '@backtide/store/questdb'
import { sql } from '@backtide/store/sql'
import { EventEmitter, once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'

/** What a server has heard, in order: rows as they come, `|` where their request ends, `×` where it breaks. */
let heard: string[]
let answers: Map<string, ServerResponse>
let changed: (() => void)[]
let db: QuestDb
const server = createServer((request, response) => void listen(request, response))

async function listen(request: IncomingMessage, response: ServerResponse): Promise<void> {
  let rows = ''
  request.on('error', () => {})
  request.on('data', (piece: Buffer) => {
    // The end goes behind an empty line, which means nothing.
    if (piece.toString() === '\n') return
    rows += piece.toString()
    answers.set(rows, response)
    tell(rows)
  })
  await once(request, 'close').catch(() => {})
  if (request.method === 'GET') rows = decodeURIComponent(request.url ?? '')
  if (!request.complete) return tell(`${rows}×`)
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

function answer(rows: string, status: number, text = ''): void {
  answers.get(rows)?.writeHead(status).end(text)
}

/** A fence that a test opens, or closes for good. */
function createGate(): Fence & { open(): void; refuse(reason: Error): void } {
  const moved = new EventEmitter()
  const promise = once(moved, 'open').then(() => {})
  promise.catch(() => {})
  let isOpen = false
  return {
    get isOpen() {
      return isOpen
    },
    wait: () => promise,
    open: () => {
      isOpen = true
      moved.emit('open')
    },
    refuse: (reason) => void moved.emit('error', reason),
  }
}

beforeEach(async () => {
  heard = []
  answers = new Map()
  changed = []
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  db = createQuestDb(`http::addr=127.0.0.1:${(server.address() as AddressInfo).port};`)
})

afterEach(() => {
  server.closeAllConnections()
  server.close()
})

describe('rows that are written', () => {
  it('are read as they come, and end when they are committed', async () => {
    const rows = db.openWrite()
    await rows.write(Buffer.from('a'))
    await untilHeard('a')
    await rows.write(Buffer.from('b'))
    await untilHeard('ab')
    expect(heard).not.toContain('ab|')
    const committed = rows.commit()
    await untilHeard('ab|')
    answer('ab', 204)
    await committed
  })

  it('do not end while the fence is closed, and end when it opens', async () => {
    const gate = createGate()
    const rows = db.openWrite()
    await rows.write(Buffer.from('a'))
    const committed = rows.commit(gate)
    await untilHeard('a')
    expect(heard).toEqual(['a'])
    gate.open()
    await untilHeard('a|')
    answer('a', 204)
    await committed
  })

  it('never end when the fence refuses, so that nothing of them is committed', async () => {
    const gate = createGate()
    const rows = db.openWrite()
    await rows.write(Buffer.from('a'))
    gate.refuse(new Error('another writes'))
    await expect(rows.commit(gate)).rejects.toThrow('another writes')
    await untilHeard('a×')
  })

  it('never end when they are aborted', async () => {
    const rows = db.openWrite()
    await rows.write(Buffer.from('a'))
    await untilHeard('a')
    rows.abort()
    await untilHeard('a×')
    await expect(rows.commit()).rejects.toThrow(StoreUnavailableError)
  })

  it('that are refused say what the server said, also before their end', async () => {
    const rows = db.openWrite()
    await rows.write(Buffer.from('bad'))
    await untilHeard('bad')
    answer('bad', 400, 'line 1: no such column')
    const more = async () => {
      for (;;) await rows.write(Buffer.alloc(1024 * 1024, 'x'))
    }
    await expect(more()).rejects.toThrow(/line 1: no such column/)
    await expect(rows.commit()).rejects.toThrow(StoreRefusedError)
  })

  it('are weather when the server is, and are never sent twice', async () => {
    const sent = db.send(Buffer.from('a'))
    await untilHeard('a|')
    answer('a', 503, 'busy')
    await expect(sent).rejects.toThrow(StoreUnavailableError)
    expect(heard.filter((what) => what === 'a|')).toHaveLength(1)
  })
})

describe('a statement that changes something', () => {
  it('does not leave while the fence is closed, and never when it refuses', async () => {
    const gate = createGate()
    const executed = db.execute(sql`UPDATE t SET x = 1`, gate)
    gate.refuse(new Error('another writes'))
    await expect(executed).rejects.toThrow('another writes')
    expect(heard).toEqual([])
  })

  it('leaves when the fence opens', async () => {
    const gate = createGate()
    const executed = db.execute(sql`UPDATE t SET x = 1`, gate)
    gate.open()
    await untilHeard('/exec?query=UPDATE t SET x = 1|')
    answer('/exec?query=UPDATE t SET x = 1', 200, '{"dml":"OK"}')
    await executed
  })
})
