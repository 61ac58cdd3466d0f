import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { StoreUnavailableError } from '@backtide/store/errors'
import { createQuestDb, type QuestDb, type Row } from '@backtide/store/questdb'
import { sql } from '@backtide/store/sql'
import { createStore } from '@backtide/store/store'
import { PING, whileAlive } from '@backtide/store/while-alive'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'

const SLOW = sql`SELECT 2`
const WITHIN = 200

/** Statements a server was asked, and those whose connection was closed before they were answered. */
let asked: string[]
let cutOff: string[]
/** How long each statement takes, milliseconds; those that are absent are never answered. */
let takes: ReadonlyMap<string, number>
let server: Server
let conf: string
let db: QuestDb

beforeEach(async () => {
  asked = []
  cutOff = []
  takes = new Map()
  server = createServer((request, response) => {
    const text = new URL(request.url ?? '', 'http://x').searchParams.get('query') ?? ''
    asked.push(text)
    response.once('close', () => void (response.writableEnded || cutOff.push(text)))
    const ms = takes.get(text)
    if (ms !== undefined) setTimeout(() => response.end('{"dataset":[[1]]}'), ms)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  conf = `http::addr=127.0.0.1:${(server.address() as AddressInfo).port};`
  db = createQuestDb(conf)
})

afterEach(() => {
  server.closeAllConnections()
  server.close()
})

async function timed(work: Promise<unknown>): Promise<{ error: unknown; ms: number }> {
  const started = performance.now()
  const error: unknown = await work.then(
    () => undefined,
    (reason: unknown) => reason,
  )
  return { error, ms: performance.now() - started }
}

const readSlowly = (from: QuestDb): Promise<readonly Row[]> => from.query(SLOW)

describe('a read somebody waits for', () => {
  it('is given up soon when QuestDB is silent, and is cut off', async () => {
    const { error, ms } = await timed(whileAlive(db, WITHIN, readSlowly))
    expect(error).toBeInstanceOf(StoreUnavailableError)
    expect(ms).toBeLessThan(WITHIN * 3)
    await expect.poll(() => cutOff).toContain(SLOW.text)
  })

  it('is waited for as long as QuestDB answers something else', async () => {
    takes = new Map([
      [PING.text, 0],
      [SLOW.text, WITHIN * 3],
    ])
    expect(await whileAlive(db, WITHIN, readSlowly)).toEqual([[1]])
    expect(asked.filter((text) => text === PING.text).length).toBeGreaterThan(1)
  })

  it('fails as it fails, without a question', async () => {
    const failing = whileAlive(db, WITHIN, () => Promise.reject(new TypeError('wrong')))
    await expect(failing).rejects.toThrow(TypeError)
    expect(asked).toEqual([])
  })
})

describe('a store that answers within a time', () => {
  it.each(['ping', 'suspendedTables', 'findBackfill'] as const)(
    'says so in time when QuestDB is silent: %s',
    async (method) => {
      const store = createStore({ conf, answerWithinMs: WITHIN })
      const { error, ms } = await timed(store[method]('x'))
      expect(error).toBeInstanceOf(StoreUnavailableError)
      expect(ms).toBeLessThan(WITHIN * 4)
    },
  )
})
