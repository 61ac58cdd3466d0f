import { timeText } from '@backtide/core/nano-time'
import { resumeSignal } from '@backtide/workflows/messages'
import { waitApplied } from '@backtide/store/wait-applied'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { openBacktide, startWorker, type Backtide } from '../helpers/backtide.ts'
import { streamIn } from '../helpers/captured-frames.ts'
import type { CapturedLine } from '../helpers/captures.ts'
import { attemptOf, collectTrades, startLiveWorker, startMarket } from '../helpers/live-worker.ts'
import { ownServers } from '../helpers/servers.ts'
import { openTcpGate } from '../helpers/tcp-gate.ts'
import { waitUntil } from '../helpers/wait-until.ts'

const servers = ownServers(import.meta.url)
let backtide: Backtide
let control: AsyncDisposable
beforeAll(async () => {
  backtide = await openBacktide(servers)
  control = await startWorker(servers, { roles: ['control'] })
})
afterAll(async () => {
  await control[Symbol.asyncDispose]()
  await backtide[Symbol.asyncDispose]()
})

interface HoleRow {
  readonly from: string
  readonly until: string | null
  readonly server: string
  readonly cause: string
  readonly state: string
}

async function holesOf(symbol: string): Promise<readonly HoleRow[]> {
  await backtide.store.ensureTables([])
  await waitApplied(backtide.store.db, 'holes')
  const rows = await backtide.store.db.query({
    text: `SELECT ts, until, server, cause, state FROM holes WHERE symbol = '${symbol}' ORDER BY ts`,
  })
  return rows.map(([from, until, server, cause, state]) => ({
    from: String(from),
    until: until === null ? null : String(until),
    server: String(server),
    cause: String(cause),
    state: String(state),
  }))
}

const isTrade = (line: CapturedLine) => String(streamIn(line)).endsWith('@trade')
const idOf = (line: CapturedLine) => (line.raw as { data: { t: number } }).data.t

/** A row's time: whole microseconds, of which the last may be rounded up. */
const micro = (time: string | undefined, more = 0n) =>
  `${timeText(((BigInt(Date.parse(`${time?.slice(0, 19)}Z`)) * 1_000_000n + BigInt(time?.slice(20) ?? 0) + more) / 1000n) * 1000n).slice(0, 26)}Z`

it('moves to another host when one is killed, and is collected again after a pause, with the holes between', async () => {
  const symbol = 'LIVEAUSDT'
  const market = await startMarket(symbol)
  const first = await startLiveWorker(servers, market.server)
  const handle = await collectTrades(backtide, symbol)
  await waitUntil('the first host to collect', async () => {
    const { said } = await attemptOf(handle)
    return said?.server === first.name && said.durable !== undefined && said.messages > 50
  })
  const second = await startLiveWorker(servers, market.server)
  const { said: last } = await attemptOf(handle)
  await first.kill()
  await waitUntil('the second host to collect', async () => {
    const { said } = await attemptOf(handle)
    return said?.server === second.name && said.state === 'running'
  })
  const [hole, ...others] = await waitUntil('the end of the hole', async () => {
    const holes = await holesOf(symbol)
    return holes.some(({ until }) => until !== null) && holes
  })
  expect(others).toEqual([])
  expect(hole).toMatchObject({ server: second.name, cause: 'process_dead', state: 'open' })
  // As late as Temporal knew of, and no later than what the first host has.
  const kept = first.captures().filter(isTrade)
  expect(hole && hole.from >= micro(last?.durable)).toBe(true)
  expect(hole && hole.from <= micro(kept.at(-1)?.time)).toBe(true)

  const paused = { id: 'binance/spot/stream-liveausdt/1', reason: 'disk' }
  expect((await backtide.call('POST', '/feeds/pause', paused)).status).toBe(202)
  await waitUntil('the pause', () => market.server.seen.open() === 0)
  await waitUntil('the attempt to end', async () => (await attemptOf(handle)).attempt === 0)
  const before = second.captures()
  expect(hole?.until).toBe(micro(before.find(isTrade)?.time, 999n))
  expect((await handle.describe()).memo).toMatchObject({ paused: { reason: 'disk' } })
  await handle.signal(resumeSignal)
  const after = await waitUntil('the hole of the pause', async () => {
    const [, pause] = await holesOf(symbol)
    return typeof pause?.until === 'string' && pause
  })
  expect(after).toMatchObject({ cause: 'not_collected', server: second.name, state: 'open' })
  expect(after.from).toBe(micro(before.at(-1)?.time))

  await waitUntil('the host to say so', async () => {
    const { said } = await attemptOf(handle)
    return said?.server === second.name && said.state === 'running'
  })
  const feeds = (await (await backtide.call('GET', '/feeds')).json()) as { connections: object[] }
  const id = 'binance/spot/stream-liveausdt/1'
  expect(feeds.connections.find((one) => (one as { id: string }).id === id)).toMatchObject({
    state: 'running',
    host: second.name,
    feeds: [{ symbol, channels: ['trades'] }],
    withoutData: [],
  })
  const listed = await backtide.call('GET', `/holes?symbol=${symbol}`)
  expect(await listed.json()).toMatchObject({
    holes: [{ cause: 'not_collected' }, { cause: 'process_dead', from: hole?.from }],
  })

  await handle.cancel()
  await expect(handle.result()).rejects.toThrow(/cancel/i)
  await waitUntil('the end', () => market.server.seen.open() === 0)
  expect(await second.stop()).toBe(0)
  const resumed = second.captures().slice(before.length).find(isTrade)
  expect(after.until).toBe(micro(resumed?.time, 999n))
})

it('goes on while Temporal is away for longer than a heartbeat may take, without a hole', async () => {
  const symbol = 'LIVEBUSDT'
  const market = await startMarket(symbol)
  await using gate = await openTcpGate(servers.temporal)
  const worker = await startLiveWorker({ ...servers, temporal: gate.host }, market.server)
  const handle = await collectTrades(backtide, symbol)
  await waitUntil('data', async () => (await attemptOf(handle)).said?.state === 'running')
  gate.cut()
  await waitUntil('the attempt to be given up', async () => (await attemptOf(handle)).attempt > 1)
  const sent = market.sent.length
  await waitUntil('more trades', () => market.sent.length > sent + 50)
  gate.mend()
  await waitUntil('a new attempt', async () => {
    const { attempt, said } = await attemptOf(handle)
    return attempt > 1 && (said?.messages ?? 0) > sent
  })
  market.halt()
  expect(market.server.seen.connects).toBe(1)
  expect(await holesOf(symbol)).toEqual([])
  await handle.terminate()
  await waitUntil('nobody to collect what is over', () => market.server.seen.open() === 0)
  expect(await worker.stop()).toBe(0)
  const ids = worker.captures().filter(isTrade).map(idOf)
  expect(ids).toEqual(Array.from(ids, (_, at) => (ids[0] ?? 0) + at))
  expect(ids.at(-1)).toBe(999 + market.sent.length)
})

it('is handed over when a host is stopped, without a hole', async () => {
  const symbol = 'LIVECUSDT'
  const market = await startMarket(symbol)
  const first = await startLiveWorker(servers, market.server)
  const handle = await collectTrades(backtide, symbol)
  await waitUntil('data', async () => (await attemptOf(handle)).said?.state === 'running')
  const second = await startLiveWorker(servers, market.server)
  expect(await first.stop()).toBe(0)
  const { attempt, said } = await attemptOf(handle)
  expect(said).toMatchObject({ server: second.name, state: 'running' })
  expect(attempt).toBe(1)
  const open = (await holesOf(symbol)).filter(({ state }) => state !== 'refuted')
  expect(open).toEqual([])
  market.halt()
  expect(await second.stop()).toBe(0)
  const ids = [first, second].flatMap((worker) => worker.captures().filter(isTrade).map(idOf))
  const least = Math.min(...ids)
  expect(new Set(ids).size).toBe(1000 + market.sent.length - least)
})
