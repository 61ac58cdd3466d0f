import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { bookKey, hourOf, openArchive } from '../helpers/archive.ts'
import { openBacktide, startWorker, type Backtide, type Place } from '../helpers/backtide.ts'
import { books, type Book } from '../helpers/books.ts'
import { openGate, type Gate, type Seen } from '../helpers/gate.ts'
import { bookRows, expectedRows } from '../helpers/rows.ts'
import { ownServers } from '../helpers/servers.ts'
import { waitUntil } from '../helpers/wait-until.ts'
import { startWorkerProcess } from '../helpers/worker-process.ts'

const servers = ownServers(import.meta.filename)
const archive = openArchive(servers.s3)
/** Small bodies, so that one hour takes several. */
const SMALL = { BACKTIDE_MEMORY_MB: '128', BACKTIDE_ROLES: 'load' }
let backtide: Backtide
/** Workflows go on while loads are killed. */
let control: AsyncDisposable
let gate: Gate
let place: Place

beforeAll(async () => {
  backtide = await openBacktide(servers)
  control = await startWorker(servers, { roles: ['control'] })
  gate = await openGate(servers.questdb.replace('http::addr=', 'http://').replace(';', ''))
  place = { ...servers, questdb: `http::addr=${gate.host};` }
})

afterAll(async () => {
  await control[Symbol.asyncDispose]()
  await gate[Symbol.asyncDispose]()
  await backtide[Symbol.asyncDispose]()
})

describe('a worker killed with SIGKILL', () => {
  it('between two bodies of a load leaves no trace: same rows, no duplicates, ledger correct', async () => {
    const { id, all, day } = await startHour('BTC', 9_000)
    let bodies = 0
    await killAt((seen) => isRowsOf('l2_book_all', seen) && (bodies += 1) === 2)
    const part = await waitUntil('the first body to be applied', async () => {
      const rows = await bookRows(backtide.store, day)
      return rows.length > 0 && rows
    })
    expect(part.length).toBeLessThan(all.length)
    expect(await ledgerStates(day, 'BTC')).toEqual([])
    await finishWithNewWorker(id, day, all)
    expect(await ledgerStates(day, 'BTC')).toEqual(['complete'])
  })

  it('between the read-back and the ledger does the hour again, with the same rows', async () => {
    const { id, all, day } = await startHour('ETH', 200)
    await killAt((seen) => isRowsOf('ledger,', seen))
    expect(await bookRows(backtide.store, day)).toEqual(expectedRows(all))
    expect(await ledgerStates(day, 'ETH')).toEqual([])
    await finishWithNewWorker(id, day, all)
    expect(await ledgerStates(day, 'ETH')).toEqual(['complete'])
  })

  it('between its rows and the ledger leaves nothing of them when the object is replaced meanwhile', async () => {
    const { id, all, day } = await startHour('LTC', 200)
    await killAt((seen) => isRowsOf('ledger,', seen))
    expect(await bookRows(backtide.store, day)).toEqual(expectedRows(all))
    const shorter = all.slice(0, 120)
    await archive.putBooks('LTC', hourOf(day, 6), shorter)
    await finishWithNewWorker(id, day, shorter)
    expect(await ledgerStates(day, 'LTC')).toEqual(['complete'])
  })

  it('between its rows and the ledger leaves nothing of them when the object is gone meanwhile', async () => {
    const { id, day } = await startHour('BNB', 200)
    await killAt((seen) => isRowsOf('ledger,', seen))
    await archive.remove(bookKey('BNB', hourOf(day, 6)))
    await using _ = await startWorkerProcess(place, SMALL)
    expect(await backtide.ended(id)).toMatchObject({ counts: { missing: 1 }, rows: 0 })
    expect(await bookRows(backtide.store, day)).toEqual([])
  })

  it('in the middle of loading a verified object again leaves it unverified, not complete', async () => {
    const { id, day } = await startHour('UNI', 200)
    {
      await using _ = await startWorkerProcess(place, SMALL)
      expect(await backtide.ended(id)).toMatchObject({ state: 'complete' })
    }
    const other = books({ coin: 'UNI', hour: hourOf(day, 6), count: 200, seed: 9 })
    await archive.putBooks('UNI', hourOf(day, 6), other)
    const range = { from: `${day}T06:00:00Z`, to: `${day}T07:00:00Z` }
    const again = { dataset: 'hyperliquid.l2_book', coins: ['UNI'], ...range, reprocess: 'changed' }
    const reload = await backtide.start(again)
    await killAt((seen) => isRowsOf('l2_book_all', seen))
    expect(await ledgerStates(day, 'UNI')).toEqual(['unverified'])
    await backtide.client.workflow.getHandle(reload).terminate('for good')
    const plain = await backtide.start({ ...again, reprocess: 'incomplete' })
    await finishWithNewWorker(plain, day, other)
  })

  it('after the ledger was written does not load the hour again', async () => {
    const { id, all, day } = await startHour('SOL', 200)
    let written = false
    await killAt((seen) => {
      written ||= isRowsOf('ledger,', seen)
      return written && seen.path.includes('wal_tables') && seen.path.includes('%27ledger%27')
    })
    await waitUntil('the ledger row', async () => (await ledgerStates(day, 'SOL')).length > 0)
    const before = gate.seen.length
    await finishWithNewWorker(id, day, all)
    expect(gate.seen.slice(before).filter((seen) => isRowsOf('l2_book_all', seen))).toEqual([])
  })
})

describe('a worker stopped with SIGTERM', () => {
  it('lets its load end within the grace, and exits with 0', async () => {
    const { id, all, day } = await startHour('AVAX', 200)
    gate.rule = (seen) => (isRowsOf('l2_book_all', seen) ? 'hold' : 'pass')
    const worker = await startWorkerProcess(place, SMALL)
    await waitUntil('the load to be held', () => gate.held.length > 0)
    const stopped = worker.stop()
    gate.open()
    expect(await stopped).toBe(0)
    expect(await ledgerStates(day, 'AVAX')).toEqual(['complete'])
    expect(await backtide.ended(id)).toMatchObject({ state: 'complete', rows: all.length })
  })

  it('cuts a load short that does not end within the grace, and leaves it to the next worker', async () => {
    const { id, all, day } = await startHour('ATOM', 200)
    gate.rule = (seen) => (isRowsOf('l2_book_all', seen) ? 'hold' : 'pass')
    const worker = await startWorkerProcess(place, { ...SMALL, BACKTIDE_GRACE_MS: '500' })
    await waitUntil('the load to be held', () => gate.held.length > 0)
    expect(await worker.stop()).toBe(0)
    expect(await ledgerStates(day, 'ATOM')).toEqual([])
    gate.open()
    await finishWithNewWorker(id, day, all)
  })
})

/** One hour in the archive and a backfill of it, which waits for a worker. */
async function startHour(coin: string, count: number) {
  const day = servers.nextDay()
  const all = books({ coin, hour: hourOf(day, 6), count })
  await archive.putBooks(coin, hourOf(day, 6), all)
  const range = { from: `${day}T06:00:00Z`, to: `${day}T07:00:00Z` }
  const id = await backtide.start({ dataset: 'hyperliquid.l2_book', coins: [coin], ...range })
  return { id, all, day }
}

/** Runs a worker until a request to QuestDB is the one, and kills it while that request waits. */
async function killAt(which: (seen: Seen) => boolean): Promise<void> {
  const chosen = new Set<Seen>()
  gate.rule = (seen) => {
    if (chosen.has(seen)) return 'hold'
    if (!which(seen)) return 'pass'
    chosen.add(seen)
    return 'hold'
  }
  const worker = await startWorkerProcess(place, SMALL)
  await waitUntil('the worker to be at the chosen place', () => gate.held.length > 0)
  await worker.kill()
  await waitUntil('what it sent last to be gone with it', () => gate.held.length === 0)
  gate.open()
}

async function finishWithNewWorker(id: string, day: string, all: readonly Book[]): Promise<void> {
  await using _ = await startWorkerProcess(place, SMALL)
  expect(await backtide.ended(id)).toMatchObject({ state: 'complete', rows: all.length })
  expect(await bookRows(backtide.store, day)).toEqual(expectedRows(all))
}

async function ledgerStates(day: string, coin: string): Promise<string[]> {
  const range = { from: hourOf(day, 0), to: hourOf(day, 24) }
  const scope = { dataset: 'hyperliquid.l2_book', symbols: [coin], range, limit: 100 }
  return (await backtide.store.listLedger(scope)).map(({ state }) => state)
}

function isRowsOf(table: string, { path, body }: Seen): boolean {
  return path.startsWith('/write') && body.subarray(0, 20).toString().startsWith(table)
}
