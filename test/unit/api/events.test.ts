import { connect } from 'node:net'
import { createWatches } from '@backtide/api/backfills/watches'
import type { BackfillView } from '@backtide/api/backfills/schemas'
import { openEventStream } from '@backtide/api/http/event-stream'
import { EventSourceParserStream } from 'eventsource-parser/stream'
import { describe, expect, it } from 'vitest'
import { waitUntil } from '../../helpers/wait-until.ts'
import { backfill, COMPLETE } from '../cli/fake-api.ts'
import { serveApp } from '../cli/run-cli.ts'
import { ledgerRow } from './fake-ledger.ts'
import { finish, hour, openApi, REQUEST, type Api } from './open-api.ts'

async function start(api: Api): Promise<string> {
  return (await api.post('/backfills', REQUEST)).body.id
}

async function open(api: Api, id: string, seen?: string): Promise<Response> {
  const headers = seen === undefined ? {} : { 'Last-Event-ID': seen }
  return await api.app.request(`/backfills/${id}/events`, { headers })
}

/** The events of an answer, one after the other. */
function eventsOf(body: ReadableStream<Uint8Array> | null | undefined) {
  if (!body) throw new Error('there is no body')
  const reader = body
    .pipeThrough(new TextDecoderStream() as TransformStream<Uint8Array, string>)
    .pipeThrough(new EventSourceParserStream())
    .getReader()
  const next = async () => {
    const { done, value } = await reader.read()
    if (done) return undefined
    return { name: value.event, id: value.id, data: JSON.parse(value.data) as BackfillView }
  }
  return { next, cancel: () => reader.cancel() }
}

describe('GET /backfills/{id}/events', () => {
  it('is the status at once, again when it changes, and ends with the end', async () => {
    const api = openApi()
    const id = await start(api)
    const answer = await open(api, id)
    expect(answer.headers.get('content-type')).toBe('text/event-stream')
    expect(answer.headers.get('cache-control')).toBe('no-store')
    const events = eventsOf(answer.body)
    expect((await events.next())?.data).toEqual((await api.get(`/backfills/${id}`)).body)
    api.store.ledger.push(ledgerRow({ partition: hour(0), symbol: 'BTC', backfillId: id }))
    expect((await events.next())?.data).toMatchObject({ state: 'running', counts: { complete: 1 } })
    await finish(api, id, 'incomplete')
    expect((await events.next())?.data).toMatchObject({ state: 'incomplete', rows: 480 })
    expect(await events.next()).toBeUndefined()
  })

  it('leaves out what was seen: nothing is said again, and an end that was seen is 204', async () => {
    const api = openApi()
    const id = await start(api)
    const first = eventsOf((await open(api, id)).body)
    const seen = (await first.next())?.id
    await first.cancel()
    const again = eventsOf((await open(api, id, seen)).body)
    await finish(api, id, 'complete')
    const last = await again.next()
    expect(last?.data).toMatchObject({ state: 'complete' })
    expect((await open(api, id, last?.id)).status).toBe(204)
    expect((await open(api, id, seen)).status).toBe(200)
  })

  it('is 404 of a backfill that is not, 503 while QuestDB is away, 401 without a token', async () => {
    const api = openApi()
    const id = await start(api)
    expect((await open(api, 'nobody')).status).toBe(404)
    api.store.away = true
    expect(await api.get(`/backfills/${id}/events`)).toMatchObject({
      status: 503,
      body: { code: 'questdb_unavailable' },
    })
    api.store.away = false
    expect((await open(api, id)).status).toBe(200)
    const foreign = { origin: 'https://evil.test' }
    expect((await api.get(`/backfills/${id}/events`, foreign)).status).toBe(403)
  })

  it('says once why the status cannot be had, and goes on when it can', async () => {
    const api = openApi()
    const id = await start(api)
    const events = eventsOf((await open(api, id)).body)
    await events.next()
    api.store.away = true
    const problem = await events.next()
    expect(problem).toMatchObject({ name: 'problem', data: { code: 'questdb_unavailable' } })
    expect(problem?.id).toBeUndefined()
    const late = eventsOf((await open(api, id)).body)
    expect([(await late.next())?.name, (await late.next())?.name]).toEqual([undefined, 'problem'])
    api.store.away = false
    expect((await events.next())?.data).toMatchObject({ state: 'running' })
  })
})

const QUICK = { every: 5, refresh: 10_000, heartbeat: 300 }

/** A backfill that is somewhere else at every look, until it is told to end. */
function createMoving() {
  let looks = 0
  let ended = false
  const look = async () => {
    looks += 1
    await Promise.resolve()
    return (ended ? COMPLETE : backfill({ rows: looks })) as unknown as BackfillView
  }
  return { look, looks: () => looks, end: () => void (ended = true) }
}

describe('A watched backfill', () => {
  it('is looked at once for all who watch, and not at all when nobody does', async () => {
    const moving = createMoving()
    const watches = createWatches({ look: moving.look, timing: { ...QUICK, every: 1_000_000 } })
    const bodies = await Promise.all(Array.from({ length: 50 }, () => watches.open('a')))
    expect(moving.looks()).toBe(1)
    for (const body of bodies) await body?.cancel()
    const [next] = [eventsOf(await watches.open('a'))]
    expect((await next.next())?.data).toMatchObject({ rows: 2 })
    await next.cancel()
  })

  it('brings a reader that lags what is newest only', async () => {
    const moving = createMoving()
    const watches = createWatches({ look: moving.look, timing: { ...QUICK, heartbeat: 60_000 } })
    const events = eventsOf(await watches.open('a'))
    await waitUntil('some looks', () => moving.looks() > 20)
    moving.end()
    const seen = []
    for (let event = await events.next(); event; event = await events.next()) seen.push(event.data)
    expect(seen.length).toBeLessThan(15)
    expect(seen.at(-1)).toMatchObject({ state: 'complete' })
  })

  it('drops a reader that takes nothing, and lets others go on', async () => {
    const moving = createMoving()
    const watches = createWatches({ look: moving.look, timing: QUICK })
    const slow = await watches.open('a')
    const quick = eventsOf(await watches.open('a'))
    let last = await quick.next()
    const before = moving.looks()
    await waitUntil('looks', async () => {
      last = await quick.next()
      return moving.looks() > before + 30
    })
    await expect(slow?.getReader().closed).rejects.toThrow('too slow')
    moving.end()
    while (last?.data.endedAt === null) last = await quick.next()
    expect(last?.data).toMatchObject({ state: 'complete' })
  })

  it('ends all its streams when the process is told to end', async () => {
    const stopping = new AbortController()
    const watches = createWatches({ ...createMoving(), stopping: stopping.signal, timing: QUICK })
    const events = eventsOf(await watches.open('a'))
    await events.next()
    stopping.abort()
    await waitUntil('the end', async () => (await events.next()) === undefined)
    const late = eventsOf(await watches.open('a'))
    await waitUntil('the end', async () => (await late.next()) === undefined)
  })
})

describe('A stream of events', () => {
  it('has a comment now and then', async () => {
    const { body } = openEventStream(() => undefined, 10)
    const { value } = await body.getReader().read()
    expect(new TextDecoder().decode(value)).toBe(':\n\n')
  })

  it('closes the connection of a reader that stopped reading', async () => {
    const big = 'x'.repeat(1_000_000)
    let gone = false
    const stream = openEventStream(() => (gone = true), 50)
    const feed = setInterval(() => stream.send(new TextEncoder().encode(big)), 5)
    await using api = await serveApp({ fetch: () => new Response(stream.body) })
    const { port } = new URL(api.address)
    const socket = connect(Number(port), '127.0.0.1')
    socket.write('GET / HTTP/1.1\r\nHost: localhost\r\n\r\n')
    socket.pause()
    await waitUntil('it is dropped', () => gone)
    clearInterval(feed)
    socket.on('error', () => undefined)
    socket.resume()
    await waitUntil('the connection is closed', () => socket.destroyed)
  })
})

describe('1,000 readers', () => {
  it(
    'of one backfill take less than 200 MB, and one look at a time',
    { timeout: 60_000 },
    async () => {
      const api = openApi()
      const coins = Array.from({ length: 170 }, (_, index) => `COIN${index}`)
      const { id } = (await api.post('/backfills', { ...REQUEST, coins })).body
      await using server = await serveApp(api.app)
      const { port } = new URL(server.address)
      const before = process.memoryUsage().rss
      let received = 0
      const sockets = Array.from({ length: 1_000 }, () => {
        const socket = connect(Number(port), '127.0.0.1')
        socket.write(`GET /backfills/${id}/events HTTP/1.1\r\nHost: localhost\r\n\r\n`)
        socket.on('data', (bytes) => (received += Number(bytes.includes('data: {'))))
        return socket
      })
      await waitUntil('all have the status', () => received >= 1_000)
      for (let change = 0; change < 5; change += 1) {
        const until = received + 1_000
        api.store.ledger.push(ledgerRow({ partition: hour(change), symbol: 'COIN1' }))
        await waitUntil('all have the change', () => received >= until)
      }
      const grown = (process.memoryUsage().rss - before) / 1e6
      for (const socket of sockets) socket.destroy()
      expect(grown).toBeLessThan(200)
    },
  )
})
