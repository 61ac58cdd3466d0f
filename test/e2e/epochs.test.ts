import { hyperliquidL2Book } from '@backtide/datasets/hyperliquid/l2-book'
import { makeCleanPoint } from '@backtide/store/epoch/make-clean-point'
import type { LedgerRow } from '@backtide/store/ledger/ledger-row'
import { writeLedger } from '@backtide/store/ledger/write-ledger'
import type { QuestDb } from '@backtide/store/questdb'
import { createStore, type Store } from '@backtide/store/store'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ownQuestDb, type OwnQuestDb } from '../helpers/own-questdb.ts'

const DAY = Date.UTC(2025, 0, 1)
const HOUR_MS = 3_600_000
const MINUTE_MS = 60_000

let questdb: OwnQuestDb
let store: Store

beforeAll(async () => {
  questdb = await ownQuestDb()
  store = open()
  await store.ensureTables([hyperliquidL2Book.table])
})

afterAll(async () => {
  await questdb[Symbol.asyncDispose]()
})

const open = () => createStore({ conf: questdb.conf, cleanPointEvery: 0, epochCheckEvery: 0 })

describe('QuestDB that is started again without its last rows', () => {
  it('makes unverified what was settled since the last clean point, before anybody reads it', async () => {
    const early = Date.now() - 10 * MINUTE_MS
    await load(0, { checkedAt: early })
    await write(7, { state: 'missing', checkedAt: early })
    expect(await store.cleanPoint()).toBe(true)
    const older = questdb.copyTable('l2_book_all')
    await load(1, {})
    await write(8, { state: 'missing' })
    await write(9, { epoch: 0 })
    const before = await store.epoch()
    await questdb.stop()
    older.putBack()
    await questdb.start()

    expect(await states()).toEqual([
      '0 complete',
      '1 unverified',
      '7 missing',
      '8 missing',
      '9 complete',
    ])
    expect(await questdb.rows('SELECT count() FROM l2_book')).toEqual([[1]])
    expect(await store.epoch()).toBeGreaterThan(before)
    const [row] = await listed(1)
    expect(row).toMatchObject({ epoch: before, etag: 'e1', check: 42, distinctRows: 1 })
    expect(row?.reason).toContain('QuestDB was started again')
    expect(await transitions(1)).toEqual(['complete', 'unverified'])
  })

  it('changes nothing more when it is looked at by others, or started again', async () => {
    await open().epoch()
    await questdb.stop()
    await questdb.start()
    await open().epoch()
    expect(await transitions(1)).toEqual(['complete', 'unverified'])
    expect((await states()).slice(0, 2)).toEqual(['0 complete', '1 unverified'])
  })

  it('does not trust a load that ends under the new epoch what it read back under the old', async () => {
    const epoch = await store.epoch()
    await questdb.stop()
    await questdb.start()
    await store.epoch()
    await write(2, { epoch })
    expect(await transitions(2)).toEqual(['complete', 'unverified'])
    expect((await listed(2)).map(({ state }) => state)).toEqual(['unverified'])
  })

  it('trusts what was settled just before a last clean point, and nothing after it', async () => {
    await write(3, {})
    expect(await makeCleanPoint(store.db, { last: true })).toBe(true)
    await write(4, {})
    await questdb.stop()
    await questdb.start()
    expect((await listed(3)).map(({ state }) => state)).toEqual(['complete'])
    expect((await listed(4)).map(({ state }) => state)).toEqual(['unverified'])
  })

  it('leaves nothing of an epoch trusted that had no clean point', async () => {
    await write(1, { checkedAt: Date.now() - 60 * MINUTE_MS })
    await questdb.stop()
    await questdb.start()
    expect((await states()).slice(0, 2)).toEqual(['0 complete', '1 unverified'])
  })
})

describe('a clean point', () => {
  it('is not made before it is due', async () => {
    const patient = createStore({ conf: questdb.conf, cleanPointEvery: 60_000 })
    expect(await patient.cleanPoint()).toBe(false)
  })

  it("leaves somebody else's checkpoint alone, however old", async () => {
    await questdb.run('CHECKPOINT CREATE')
    expect(await makeCleanPoint(store.db, { leftBehindMs: 0 })).toBe(false)
    expect(await inProgress()).toBe(true)
    await questdb.run('CHECKPOINT RELEASE')
  })

  it('releases a checkpoint that a process of ours left behind, once it is old', async () => {
    const dying = between(store.db, 'CHECKPOINT RELEASE', () => {
      throw new Error('killed by the test')
    })
    await expect(makeCleanPoint(dying)).rejects.toThrow('killed by the test')
    expect(await inProgress()).toBe(true)
    expect(await makeCleanPoint(store.db)).toBe(false)
    expect(await makeCleanPoint(store.db, { leftBehindMs: 0 })).toBe(true)
    expect(await inProgress()).toBe(false)
  })

  it('that was overtaken by another checkpoint covers nothing and releases nothing', async () => {
    const overtaken = between(store.db, 'CHECKPOINT CREATE', async () => {
      await questdb.run('CHECKPOINT CREATE')
    })
    expect(await makeCleanPoint(overtaken)).toBe(false)
    expect(await inProgress()).toBe(true)
    expect(await makeCleanPoint(store.db, { leftBehindMs: 0 })).toBe(false)
    await questdb.run('CHECKPOINT RELEASE')
    expect(await lastEvents()).toEqual(['begun', 'ended'])
  })

  it('during which QuestDB was started again covers nothing', async () => {
    const restarted = between(store.db, 'CHECKPOINT CREATE', async () => {
      await questdb.stop()
      await questdb.start()
    })
    expect(await makeCleanPoint(restarted)).toBe(false)
    expect(await inProgress()).toBe(false)
    expect(await lastEvents()).toEqual(['begun', 'ended'])
  })
})

/** One row of an hour, applied, and its ledger row. */
async function load(hour: number, row: Partial<LedgerRow>): Promise<void> {
  const at = new Date(DAY + hour * HOUR_MS).toISOString()
  await questdb.run(
    `INSERT INTO l2_book_all VALUES ('${at}', '${at}'::timestamp_ns, 'hyperliquid', 'perp', 'BTC',
      ARRAY[[1.5],[2.0],[3.0]], ARRAY[[1.6],[2.0],[3.0]], 0, 0)`,
  )
  await write(hour, row)
}

async function write(hour: number, row: Partial<LedgerRow>): Promise<void> {
  await writeLedger(store.db, [
    {
      partition: DAY + hour * HOUR_MS,
      dataset: 'hyperliquid.l2_book',
      object: `o/${hour}`,
      symbol: 'BTC',
      state: 'complete',
      reason: '',
      backfillId: 'k-1',
      decoderVersion: 1,
      etag: `e${hour}`,
      size: 100,
      contentHash: 'h',
      lines: 1,
      rows: 1,
      distinctRows: 1,
      superseded: 0,
      ghosts: 0,
      rejected: 0,
      warnings: 0,
      details: '',
      check: 42,
      epoch: await store.epoch(),
      checkedAt: Date.now(),
      ...row,
    },
  ])
}

async function listed(hour?: number): Promise<readonly LedgerRow[]> {
  const rows = await store.listLedger({
    dataset: 'hyperliquid.l2_book',
    symbols: ['BTC'],
    range: { from: DAY, to: DAY + 24 * HOUR_MS },
    limit: 100,
  })
  return rows.filter(({ object }) => hour === undefined || object === `o/${hour}`)
}

async function states(): Promise<readonly string[]> {
  return (await listed()).map(({ object, state }) => `${object.slice(2)} ${state}`)
}

async function transitions(hour: number): Promise<readonly string[]> {
  const rows = await questdb.rows(`SELECT state FROM ledger_log WHERE object = 'o/${hour}'`)
  return rows.map(([state]) => String(state))
}

async function inProgress(): Promise<boolean> {
  const [row] = await questdb.rows('SELECT in_progress FROM checkpoint_status()')
  return row?.[0] === true
}

/** Events of the newest clean point. */
async function lastEvents(): Promise<readonly string[]> {
  const rows = await questdb.rows(
    'SELECT event FROM clean_points WHERE ts = (SELECT max(ts) FROM clean_points) ORDER BY event',
  )
  return rows.map(([event]) => String(event))
}

/** Does something before a statement is passed on. */
function between(db: QuestDb, text: string, act: () => Promise<void> | void): QuestDb {
  return {
    ...db,
    query: async (statement, signal) => {
      if (statement.text === text) await act()
      return await db.query(statement, signal)
    },
  }
}
