import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { bookKey, hourOf, openArchive } from '../helpers/archive.ts'
import { openBacktide, startWorker, type Backtide, type Place } from '../helpers/backtide.ts'
import { books, type Book } from '../helpers/books.ts'
import { openGate, type Gate } from '../helpers/gate.ts'
import { bookRows, expectedRows } from '../helpers/rows.ts'
import { ownServers } from '../helpers/servers.ts'
import { openTcpGate, type TcpGate } from '../helpers/tcp-gate.ts'
import { waitUntil } from '../helpers/wait-until.ts'
import { startWorkerProcess, type WorkerProcess } from '../helpers/worker-process.ts'

const servers = ownServers(import.meta.filename)
const archive = openArchive(servers.s3)
/** Small bodies, so that one hour takes several; and one load at a time, which a frozen worker has. */
const LOADER = { BACKTIDE_MEMORY_MB: '128', BACKTIDE_LOADS: '1', BACKTIDE_ROLES: 'load' }
let backtide: Backtide
let control: AsyncDisposable
/** What the worker that becomes a zombie sees of the archive, of QuestDB and of Temporal. */
let s3: Gate
let questdb: Gate
let temporal: TcpGate
let zombie: Place

beforeAll(async () => {
  backtide = await openBacktide(servers)
  control = await startWorker(servers, { roles: ['control'] })
  s3 = await openGate(servers.s3.endpoint)
  questdb = await openGate(servers.questdb.replace('http::addr=', 'http://').replace(';', ''))
  temporal = await openTcpGate(servers.temporal)
  zombie = {
    ...servers,
    s3: { ...servers.s3, endpoint: s3.url },
    questdb: `http::addr=${questdb.host};`,
    temporal: temporal.host,
  }
})

afterEach(() => {
  s3.open()
  temporal.mend()
})

afterAll(async () => {
  await Promise.all(
    [control, s3, questdb, temporal, backtide].map((one) => one[Symbol.asyncDispose]()),
  )
})

/** How a worker is cut off, and let go again. */
interface CutOff {
  cut(worker: WorkerProcess): void
  mend(worker: WorkerProcess): void
}

const FROZEN: CutOff = {
  cut: ({ pid }) => process.kill(pid, 'SIGSTOP'),
  mend: ({ pid }) => process.kill(pid, 'SIGCONT'),
}

const UNREACHABLE: CutOff = { cut: () => temporal.cut(), mend: () => temporal.mend() }

describe.each([
  ['that was frozen', 'BTC', FROZEN, false],
  ['that was frozen with a transaction open', 'ETH', FROZEN, true],
  ['whose way to Temporal was cut', 'SOL', UNREACHABLE, false],
] as const)('a worker %s', (_, coin, { cut, mend }, hasLaterRows) => {
  it('writes nothing more once another has its load', async () => {
    const { id, day, first, second } = await catchInTheAct(coin, hasLaterRows)
    await using worker = first.worker
    cut(worker)
    const shorter = first.all.slice(0, 3_000)
    await archive.putBooks(coin, hourOf(day, 1), shorter)
    const expected = expectedRows([...shorter, ...second, ...first.later])
    {
      await using successor = await startWorkerProcess(servers, LOADER)
      expect(await backtide.ended(id)).toMatchObject({ state: 'complete', rows: 3_000 + 60 })
      expect(await bookRows(backtide.store, day)).toEqual(expected)
      expect(await successor.stop()).toBe(0)
    }
    const before = countWrites()
    mend(worker)
    s3.open()
    await isHealthy(coin, day)
    expect(await bookRows(backtide.store, day)).toEqual(expected)
    expect(await etagOf(coin, day)).toBe(await archive.etag(bookKey(coin, hourOf(day, 1))))
    // What showed its health: the backfill, twice, the log and the ledger.
    expect(countWrites() - before).toBeLessThanOrEqual(4)
  }, 180_000)
})

describe('a backfill that is cancelled while its worker is frozen', () => {
  it('ends cancelled, frees the day for another, and its worker writes nothing more', async () => {
    const { id, day, first, second } = await catchInTheAct('AVAX', true)
    await using worker = first.worker
    FROZEN.cut(worker)
    expect((await backtide.call('POST', `/backfills/${id}/cancel`)).status).toBe(202)
    const shorter = first.all.slice(0, 3_000)
    await archive.putBooks('AVAX', hourOf(day, 1), shorter)
    const expected = expectedRows([...shorter, ...second, ...first.later])
    {
      await using _ = await startWorkerProcess(servers, LOADER)
      expect(await backtide.ended(id)).toMatchObject({ state: 'cancelled' })
      const other = await backtide.start(hours('AVAX', day, 1, 4))
      expect(await backtide.ended(other)).toMatchObject({ state: 'complete' })
      expect(await bookRows(backtide.store, day)).toEqual(expected)
    }
    FROZEN.mend(worker)
    s3.open()
    await isHealthy('AVAX', day)
    expect(await bookRows(backtide.store, day)).toEqual(expected)
  }, 180_000)
})

/** What the worker that becomes a zombie has written so far. */
function countWrites(): number {
  return questdb.seen.filter(({ path }) => path.startsWith('/write')).length
}

/** A worker in the middle of a load of two hours: it has rows of the first, and waits for the second. */
async function catchInTheAct(coin: string, hasLaterRows: boolean) {
  const day = servers.nextDay()
  const all = books({ coin, hour: hourOf(day, 1), count: 9_000 })
  const second = books({ coin, hour: hourOf(day, 2), count: 60 })
  await archive.putBooks(coin, hourOf(day, 1), all)
  await archive.putBooks(coin, hourOf(day, 2), second)
  const later = hasLaterRows ? await loadLater(coin, day) : []
  s3.rule = ({ path }) => (path.includes(`/2/l2Book/${coin}.lz4`) ? 'hold' : 'pass')
  const worker = await startWorkerProcess(zombie, LOADER)
  const id = await backtide.start(hours(coin, day, 1, 3))
  await waitUntil('the second hour to be held', () => s3.held.length > 0)
  const before = questdb.begun.length
  await waitUntil('rows of the first hour to be on their way', () =>
    questdb.begun.slice(before - 1).some((bytes) => bytes.includes('l2_book_all')),
  )
  return { id, day, first: { worker, all, later }, second }
}

/** An hour that comes after the others is loaded before them. */
async function loadLater(coin: string, day: string): Promise<readonly Book[]> {
  const later = books({ coin, hour: hourOf(day, 3), count: 60 })
  await archive.putBooks(coin, hourOf(day, 3), later)
  await using _ = await startWorkerProcess(servers, LOADER)
  const id = await backtide.start(hours(coin, day, 3, 4))
  expect(await backtide.ended(id)).toMatchObject({ state: 'complete' })
  return later
}

/** Whatever the worker had in hand is done with when it has loaded something new. */
async function isHealthy(coin: string, day: string): Promise<void> {
  const id = await backtide.start(hours(coin, day, 20, 21))
  expect(await backtide.ended(id)).toMatchObject({ counts: { missing: 1 } })
}

function hours(coin: string, day: string, from: number, to: number) {
  const at = (hour: number) => `${day}T${String(hour).padStart(2, '0')}:00:00Z`
  return { dataset: 'hyperliquid.l2_book', coins: [coin], from: at(from), to: at(to) }
}

async function etagOf(coin: string, day: string): Promise<string | undefined> {
  const range = { from: hourOf(day, 1), to: hourOf(day, 2) }
  const scope = { dataset: 'hyperliquid.l2_book', symbols: [coin], range, limit: 1 }
  return (await backtide.store.listLedger(scope))[0]?.etag
}
