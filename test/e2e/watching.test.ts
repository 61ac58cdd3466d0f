import { EventSourceParserStream } from 'eventsource-parser/stream'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { hourOf, openArchive } from '../helpers/archive.ts'
import { openBacktide, startWorker, type Backtide } from '../helpers/backtide.ts'
import { books } from '../helpers/books.ts'
import { openGate, type Gate } from '../helpers/gate.ts'
import { ownServers } from '../helpers/servers.ts'

const servers = ownServers(import.meta.filename)
const archive = openArchive(servers.s3)
const DAY = servers.nextDay()
const REQUEST = {
  dataset: 'hyperliquid.l2_book',
  coins: ['WATCH'],
  from: `${DAY}T00:00:00Z`,
  to: `${DAY}T01:00:00Z`,
}
let gate: Gate
let backtide: Backtide
let worker: AsyncDisposable

beforeAll(async () => {
  gate = await openGate(servers.s3.endpoint)
  backtide = await openBacktide(servers)
  worker = await startWorker({ ...servers, s3: { ...servers.s3, endpoint: gate.url } })
})

afterAll(async () => {
  gate.open()
  await worker[Symbol.asyncDispose]()
  await backtide[Symbol.asyncDispose]()
  await gate[Symbol.asyncDispose]()
})

interface Seen {
  readonly state: string
  readonly running: readonly { readonly step: string | null }[]
}

/** Server-sent events, one after the other. */
function eventsOf(body: ReadableStream<Uint8Array> | null) {
  const reader = body
    ?.pipeThrough(new TextDecoderStream())
    .pipeThrough(new EventSourceParserStream())
    .getReader()
  return {
    next: async () => JSON.parse((await reader?.read())?.value?.data ?? '') as Seen,
    isOver: async () => (await reader?.read())?.done,
  }
}

describe('the events of a backfill', () => {
  it('have the load under way, its step and its page in Temporal, and end with the backfill', async () => {
    const hour = hourOf(DAY, 0)
    await archive.putBooks('WATCH', hour, books({ coin: 'WATCH', hour, count: 3 }))
    gate.rule = ({ path }) => (path.includes('/WATCH.lz4') ? 'hold' : 'pass')
    const id = await backtide.start(REQUEST)
    const { body } = await backtide.call('GET', `/backfills/${id}/events`)
    const events = eventsOf(body)
    let status = await events.next()
    while (!status.running[0]?.step) status = await events.next()
    expect(status.running).toMatchObject([
      { attempt: 1, temporalUi: expect.stringContaining('load%2Fl2_book%2F') },
    ])
    gate.open()
    while (status.state === 'running') status = await events.next()
    expect(status).toMatchObject({ state: 'complete', rows: 3, running: [] })
    expect(await events.isOver()).toBe(true)
  })
})

describe('a probe', () => {
  it('finds the newest object there is, and its size, for a backfill of it alone', async () => {
    const day = new Date(Date.now() - 3 * 86_400_000).toISOString().slice(0, 10)
    const hour = hourOf(day, 12)
    await archive.putBooks('WATCH', hour, books({ coin: 'WATCH', hour, count: 3 }))
    const asked = { dataset: REQUEST.dataset, coin: 'WATCH' }
    const answer = await backtide.call('POST', '/probes', asked)
    expect(await answer.json()).toMatchObject({
      coins: ['WATCH'],
      partition: `${day}T12`,
      object: expect.stringContaining('/12/l2Book/WATCH.lz4'),
      size: expect.any(Number),
    })
    const none = await backtide.call('POST', '/probes', { ...asked, coin: 'NOBODY' })
    expect(none.status).toBe(409)
    expect(await none.text()).toContain('none of 10 recent partitions has an object of NOBODY')
  })
})

describe('the doctor', () => {
  it('asks a worker for what only it can see, and finds nothing down', async () => {
    const answer = await backtide.call('GET', '/doctor')
    const { ok, groups } = (await answer.json()) as {
      ok: boolean
      groups: { group: string; findings: { check: string; state: string }[] }[]
    }
    const of = (name: string) => groups.find(({ group }) => group === name)?.findings ?? []
    const stateOf = (group: string, check: string) =>
      of(group).find((one) => one.check === check)?.state
    for (const check of ['workers', 'clock of Temporal', 'bucket hyperliquid-archive']) {
      expect({ check, state: stateOf('workers', check) }).toEqual({ check, state: 'ok' })
    }
    for (const check of ['version', 'clock of QuestDB', 'settings', 'tables']) {
      expect({ check, state: stateOf('QuestDB', check) }).toEqual({ check, state: 'ok' })
    }
    for (const check of ['memory maps', 'open files', 'disk']) {
      expect(of('QuestDB')).toContainEqual(expect.objectContaining({ check }))
    }
    expect(stateOf('Temporal', 'search attributes')).toBe('ok')
    expect(ok).toBe(true)
  })
})
