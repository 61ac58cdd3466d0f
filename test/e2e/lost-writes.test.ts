import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { bookKey, hourOf, openArchive } from '../helpers/archive.ts'
import { openBacktide, startWorker, type Backtide } from '../helpers/backtide.ts'
import { books, type Book } from '../helpers/books.ts'
import { countRequests, type Requests } from '../helpers/counting-store.ts'
import { ownQuestDb, type OwnQuestDb } from '../helpers/own-questdb.ts'
import { bookRows, expectedRows } from '../helpers/rows.ts'
import { ownServers } from '../helpers/servers.ts'
import { waitUntil } from '../helpers/wait-until.ts'

const servers = ownServers(import.meta.filename)
const archive = openArchive(servers.s3)
const requests: Requests = { opened: [], bodies: [] }
let questdb: OwnQuestDb
let backtide: Backtide
let worker: AsyncDisposable

beforeAll(async () => {
  questdb = await ownQuestDb()
  const place = { ...servers, questdb: questdb.conf }
  backtide = await openBacktide(place)
  worker = await startWorker(place, { objects: (store) => countRequests(store, requests) })
})

afterAll(async () => {
  await worker[Symbol.asyncDispose]()
  await backtide[Symbol.asyncDispose]()
  await questdb[Symbol.asyncDispose]()
})

describe('a QuestDB that comes back without its last writes', () => {
  it('has its lost hour loaded again by a plain backfill, and the others only read back', async () => {
    const day = servers.nextDay()
    const hours = [1, 2, 3].map((hour) =>
      books({ coin: 'BTC', hour: hourOf(day, hour), count: 30 }),
    )
    for (const [index, some] of hours.entries()) {
      await archive.putBooks('BTC', hourOf(day, index + 1), some)
    }
    await load(day, 1, 3)
    const older = questdb.copyTable('l2_book_all')
    await load(day, 3, 4)
    await questdb.stop()
    older.putBack()
    await questdb.start()

    await waitUntil('the restart to be noticed', async () => {
      return (await statesOf(day)).every((state) => state === 'unverified')
    })
    expect(await bookRows(backtide.store, day)).toEqual(expectedRows(flat(hours.slice(0, 2))))
    requests.bodies.length = 0
    expect(await load(day, 1, 4)).toMatchObject({ state: 'complete', rows: 90 })
    expect(requests.bodies).toEqual([bookKey('BTC', hourOf(day, 3))])
    expect(await statesOf(day)).toEqual(['complete', 'complete', 'complete'])
    expect(await bookRows(backtide.store, day)).toEqual(expectedRows(flat(hours)))
  })

  it('has an hour that the archive does not have any more named, not called complete', async () => {
    const day = servers.nextDay()
    const all = books({ coin: 'BTC', hour: hourOf(day, 1), count: 30 })
    const older = questdb.copyTable('l2_book_all')
    await archive.putBooks('BTC', hourOf(day, 1), all)
    await load(day, 1, 2)
    await archive.remove(bookKey('BTC', hourOf(day, 1)))
    await questdb.stop()
    older.putBack()
    await questdb.start()
    expect(await load(day, 1, 2)).toMatchObject({ counts: { degraded: 1 } })
  })
})

async function load(day: string, from: number, to: number) {
  const at = (hour: number) => new Date(hourOf(day, hour)).toISOString()
  const range = { from: at(from), to: at(to) }
  const id = await backtide.start({ dataset: 'hyperliquid.l2_book', coins: ['BTC'], ...range })
  return await backtide.ended(id)
}

async function statesOf(day: string): Promise<string[]> {
  const range = { from: hourOf(day, 0), to: hourOf(day, 24) }
  const scope = { dataset: 'hyperliquid.l2_book', symbols: ['BTC'], range, limit: 100 }
  return (await backtide.store.listLedger(scope)).map(({ state }) => state)
}

function flat(hours: readonly (readonly Book[])[]): Book[] {
  return hours.flat()
}
