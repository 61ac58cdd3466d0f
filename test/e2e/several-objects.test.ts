import type { Reprocess } from '@backtide/core/backfill'
import type { Dataset } from '@backtide/datasets/dataset'
import { hyperliquidL2Snapshot } from '@backtide/datasets/hyperliquid/l2-snapshot'
import { listLedger } from '@backtide/store/ledger/list-ledger'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { hourOf, openArchive } from '../helpers/archive.ts'
import { bookObject, books, type Book } from '../helpers/books.ts'
import { openLoader, type Loader } from '../helpers/loader.ts'
import { expectedSnapshot, snapshotRows } from '../helpers/rows.ts'
import { ownServers } from '../helpers/servers.ts'

const servers = ownServers(import.meta.filename)
const archive = openArchive(servers.s3)
const HOUR_MS = 3_600_000

/** An hour of a coin is in two objects, the first half and the rest, as at the seam of two archives. */
const halves: Dataset = {
  ...hyperliquidL2Snapshot,
  id: 'test.halves',
  source: {
    ...hyperliquidL2Snapshot.source,
    objects: (start, series) => [keyOf(start, series, 'early'), keyOf(start, series, 'late')],
  },
}

let loader: Loader

beforeAll(() => {
  loader = openLoader(servers, halves, hyperliquidL2Snapshot.id)
})

afterAll(() => loader[Symbol.asyncDispose]())

function keyOf(start: number, series: string, half: string): string {
  return `halves/${start}/${series}/${half}.lz4`
}

async function put(start: number, coin: string, half: string, some: readonly Book[]) {
  await archive.put(keyOf(start, coin, half), bookObject(some))
}

/** Books of the two halves of an hour; the last of the first half are in both, one of them seen anew. */
function hourOfBooks(coin: string, start: number) {
  const all = books({ coin, hour: start, count: 20, depth: 5 })
  const [model] = books({ coin, hour: start, count: 1, seed: 9, depth: 3 }) as [Book]
  const shared = all[9] as Book
  const anew: Book = { ...model, time: shared.time, recv: shared.recv + 1_000_000n }
  return { early: all.slice(0, 10), late: [all[8] as Book, anew, ...all.slice(10)] }
}

async function load(coin: string, start: number, reprocess: Reprocess = 'incomplete') {
  const partitions = { from: start, to: start + HOUR_MS }
  return await loader.load({ dataset: halves.id, symbols: [coin], partitions, reprocess })
}

async function ledgerOf(coin: string, start: number) {
  const range = { from: start, to: start + HOUR_MS }
  const scope = { dataset: halves.id, symbols: [coin], range }
  const rows = await listLedger(loader.store.db, scope)
  return rows.map(({ object, state, lines, distinctRows, ghosts }) => {
    return [object.slice(object.lastIndexOf('/') + 1), state, lines, distinctRows, ghosts]
  })
}

describe('a partition that has two objects', () => {
  it('holds what both have, and of what both have the later, each with counts of its own', async () => {
    const day = servers.nextDay(2)
    const start = hourOf(day, 5)
    const { early, late } = hourOfBooks('BTC', start)
    await put(start, 'BTC', 'early', early)
    await put(start, 'BTC', 'late', late)
    expect(await load('BTC', start)).toMatchObject({ counts: { complete: 2 }, rows: 10 * 10 + 116 })
    expect(await ledgerOf('BTC', start)).toEqual([
      ['early.lz4', 'complete', 10, 100, 0],
      ['late.lz4', 'complete', 12, 116, 0],
    ])
    expect(await snapshotRows(loader.store, 'BTC', day)).toEqual(
      expectedSnapshot([...early, ...late]),
    )
    expect(await load('BTC', start)).toMatchObject({ counts: {}, rows: 0 })
  })

  it('holds what one of them has where the other is absent, and the rest once it comes', async () => {
    const day = servers.nextDay(2)
    const start = hourOf(day, 5)
    const { early, late } = hourOfBooks('ETH', start)
    await put(start, 'ETH', 'early', early)
    expect(await load('ETH', start)).toMatchObject({ counts: { complete: 1, missing: 1 } })
    expect(await snapshotRows(loader.store, 'ETH', day)).toEqual(expectedSnapshot(early))

    await put(start, 'ETH', 'late', late)
    await load('ETH', start, 'changed')
    expect(await ledgerOf('ETH', start)).toEqual([
      ['early.lz4', 'complete', 10, 100, 0],
      ['late.lz4', 'complete', 12, 116, 0],
    ])
    expect(await snapshotRows(loader.store, 'ETH', day)).toEqual(
      expectedSnapshot([...early, ...late]),
    )
  })

  it('keeps the rows of one when the other is replaced by less', async () => {
    const day = servers.nextDay(2)
    const start = hourOf(day, 5)
    const { early, late } = hourOfBooks('SOL', start)
    await put(start, 'SOL', 'early', early)
    await put(start, 'SOL', 'late', late)
    await load('SOL', start)

    const [only] = late.slice(5) as [Book]
    await put(start, 'SOL', 'late', [only])
    expect(await load('SOL', start, 'changed')).toMatchObject({ counts: { complete: 2 } })
    expect(await ledgerOf('SOL', start)).toEqual([
      ['early.lz4', 'complete', 10, 100, 0],
      ['late.lz4', 'complete', 1, 10, 106],
    ])
    const rows = await snapshotRows(loader.store, 'SOL', day)
    expect(rows).toEqual(expectedSnapshot([...early, only]))
  })
})
