import { DEAD_STATES } from '@backtide/core/table'
import { hyperliquidL2Book } from '@backtide/datasets/hyperliquid/l2-book'
import { registry } from '@backtide/datasets/registry'
import { TableShapeError } from '@backtide/store/errors'
import { LEDGER } from '@backtide/store/ledger/table'
import type { QuestDb } from '@backtide/store/questdb'
import { ensureTable } from '@backtide/store/schema/ensure-table'
import { createStore } from '@backtide/store/store'
import { afterAll, beforeAll, beforeEach, describe, expect, it, onTestFinished } from 'vitest'
import { openCorner, type Corner } from '../helpers/corner.ts'
import { holding } from '../helpers/holding-db.ts'
import { OLD_TABLES, TABLE_NAMES } from '../helpers/old-tables.ts'
import { ownQuestDb, type OwnQuestDb } from '../helpers/own-questdb.ts'

let own: OwnQuestDb
let questdb: Corner

beforeAll(async () => {
  // Some hundreds of tables, with what QuestDB keeps in mind of each.
  own = await ownQuestDb(1_024)
})

afterAll(() => own[Symbol.asyncDispose]())

beforeEach(() => startAnew())

/** No table of ours: a name that was a view, was dropped and is a table again confuses QuestDB's bookkeeping. */
async function startAnew(): Promise<void> {
  const corner = await openCorner(own.conf, TABLE_NAMES)
  onTestFinished(() => corner[Symbol.asyncDispose]())
  questdb = corner
}

/** Dozens of worlds of a dozen tables are more files than QuestDB may open. */
async function clear(): Promise<void> {
  const rows = await questdb.rows(`SELECT table_name, table_type FROM tables()`)
  for (const [name, type] of rows) {
    const kind = type === 'V' ? 'VIEW' : 'TABLE'
    await questdb.rows(`DROP ${kind} IF EXISTS ${String(name)}`).catch(() => [])
  }
}

/** Of the datasets that 0.1.0 had. */
const DATA = registry.all
  .filter(({ id }) => /^hyperliquid\.(l2_book|l2_snapshot|asset_ctxs)$/.test(id))
  .map(({ table }) => table)
const SCOPE = {
  dataset: 'hyperliquid.l2_book',
  symbols: ['BTC', 'ETH'],
  range: { from: Date.UTC(2025, 0, 1), to: Date.UTC(2025, 1, 1) },
}

const open = () => createStore({ conf: questdb.conf })

/** What readers saw in the old tables is what they see now, and the ledger says what it said. */
async function expectMigrated(): Promise<void> {
  const store = open()
  await store.ensureTables(DATA)
  const ledger = await store.listLedger({ ...SCOPE, limit: 10 })
  expect(ledger).toEqual([
    {
      partition: Date.UTC(2025, 0, 1),
      dataset: 'hyperliquid.l2_book',
      object: 'o/0',
      symbol: 'BTC',
      state: 'complete',
      reason: '',
      backfillId: 'k-1',
      decoderVersion: 1,
      etag: 'e0',
      size: 100,
      contentHash: 'h0',
      lines: 2,
      rows: 2,
      distinctRows: 2,
      superseded: 0,
      ghosts: 0,
      rejected: 0,
      warnings: 1,
      details: '{"warnings":{"crossed":1}}',
      minTs: 1_735_689_600_000_000,
      maxTs: 1_735_689_600_001_000,
      epoch: 0,
      checkedAt: Date.UTC(2025, 0, 2),
    },
    expect.objectContaining({ object: 'o/1', state: 'missing', reason: 'absent upstream' }),
    expect.objectContaining({ object: 'o/2', state: 'failed', details: '' }),
  ])
  expect((await store.findBackfill('k-1'))?.createdAt).toBe(Date.UTC(2025, 0, 2))
  expect(await questdb.rows('SELECT count(), sum(rows_distinct) FROM ledger_log')).toEqual([[2, 2]])
  expect(
    await questdb.rows('SELECT ts, market, symbol, bids FROM l2_book ORDER BY ts, symbol'),
  ).toEqual([
    ['2025-01-01T00:00:00.000000Z', 'perp', 'BTC', [[1.5], [2], [3]]],
    ['2025-01-01T00:00:01.000000Z', 'spot', '@107', [[3.5], [2], [3]]],
    ['2025-01-01T00:00:01.000000Z', 'spot', 'PURR/USDC', [[4.5], [2], [3]]],
    ['2025-01-02T00:00:00.000000Z', 'perp', 'BTC', [[2.5], [2], [3]]],
  ])
  expect(await questdb.rows('SELECT * FROM l2_snapshot')).toEqual([
    ['2025-01-01T00:00:00.000000Z', 'BTC', 'bid', 1, 1.5, 2],
  ])
  expect(
    await questdb.rows(
      `SELECT market, symbol, seam, dead, premium, mid_px FROM asset_ctxs_all ORDER BY market`,
    ),
  ).toEqual([
    ['outcome', '#123', 0, DEAD_STATES.alive, null, 8],
    ['perp', 'BTC', 0, DEAD_STATES.alive, null, 7],
    ['perp', '#123', 0, DEAD_STATES.ghost, null, 8],
  ])
  expect((await tableNames()).join(' ')).toBe(
    'asset_ctxs asset_ctxs_all backfills clean_points derived_days holes instruments l2_book ' +
      'l2_book_all l2_snapshot l2_snapshot_all ledger ledger_log ledger_log_v1 ledger_v1 picks ' +
      'plan_objects plans schema_versions spending workers',
  )
}

async function tableNames(): Promise<readonly string[]> {
  // `tables()` may list a table by a name that it no longer has (`readShape`).
  const rows = await questdb.rows(
    'SELECT name FROM wal_tables() UNION SELECT view_name name FROM views() ORDER BY name',
  )
  return rows.map(([name]) => String(name))
}

describe('the tables of 0.1.0', () => {
  it('become those of today, with all they held', async () => {
    await questdb.run(...OLD_TABLES)
    await expectMigrated()
  })

  it('are migrated once: later starts only look', async () => {
    await questdb.run(...OLD_TABLES)
    await expectMigrated()
    const { db, statements } = recording(questdb.db)
    for (const table of DATA) await ensureTable(db, table)
    const changing = statements.filter((text) => !/^(SELECT|SHOW|CREATE TABLE IF NOT)/.test(text))
    expect(changing).toEqual([])
  })

  it('may be migrated by several processes at once', async () => {
    await questdb.run(...OLD_TABLES)
    await Promise.all([1, 2, 3].map(async () => await open().ensureTables(DATA)))
    await expectMigrated()
  })

  it('rows that came with a newer version are never replaced by a late copy of old ones', async () => {
    await questdb.run(...OLD_TABLES)
    const held = holding(questdb.db, /^INSERT INTO ledger_copy/)
    const late = ensureTable(held.db, LEDGER)
    await held.reached
    await open().ensureTables([])
    await questdb.run(`UPDATE ledger SET state = 'reset' WHERE object = 'o/0'`)
    held.goOn()
    await late
    expect(await questdb.rows(`SELECT state FROM ledger WHERE object = 'o/0'`)).toEqual([['reset']])
    expect(await tableNames()).not.toContainEqual(expect.stringContaining('_copy_'))
  })
})

describe('a migration killed between two statements', () => {
  it('is ended by the next start, wherever it was', async () => {
    for (let after = 0; ; after++) {
      await startAnew()
      await questdb.run(...OLD_TABLES)
      const dying = killedAfter(questdb.db, after)
      let died = false
      for (const table of [LEDGER, hyperliquidL2Book.table]) {
        died = died || (await ensureTable(dying, table).then(() => false, isDeath))
      }
      await expectMigrated()
      await clear()
      if (!died) {
        expect(after).toBeGreaterThan(12)
        return
      }
    }
  })
})

describe('a table of somebody else', () => {
  it.each([
    ['ledger', 'column partition_ts TIMESTAMP is missing'],
    ['l2_book', 'column ts_recv TIMESTAMP_NS is missing'],
  ])('that is called %s is refused and left alone', async (name, message) => {
    await questdb.run(
      `CREATE TABLE ${name} (ts TIMESTAMP, x LONG) TIMESTAMP(ts) PARTITION BY DAY WAL`,
      `INSERT INTO ${name} VALUES ('2025-01-01', 1)`,
    )
    const refused = open().ensureTables(DATA)
    await expect(refused).rejects.toThrow(TableShapeError)
    await expect(refused).rejects.toThrow(message)
    expect(await questdb.rows(`SELECT * FROM ${name}`)).toEqual([
      ['2025-01-01T00:00:00.000000Z', 1],
    ])
    expect(await tableNames()).not.toContain(`${name}_all`)
  })

  it('where the view of our table has to be is refused', async () => {
    const store = open()
    await store.ensureTables(DATA)
    await questdb.run(
      'DROP VIEW l2_book',
      'CREATE TABLE l2_book (ts TIMESTAMP) TIMESTAMP(ts) PARTITION BY DAY WAL',
    )
    await expect(open().ensureTables(DATA)).rejects.toThrow("where Backtide's view has to be")
  })

  it('of a newer Backtide is left to that', async () => {
    await open().ensureTables([])
    await questdb.run(`INSERT INTO schema_versions VALUES (now(), 'ledger', 1000)`)
    await expect(open().ensureTables([])).rejects.toThrow('made by a newer Backtide (schema 1000')
  })
})

describe('a table of ours that is dropped', () => {
  it('is created again when it is asked for next, in the same process', async () => {
    const store = open()
    await store.ensureTables(DATA)
    await questdb.run('DROP TABLE l2_book_all', 'DROP TABLE ledger')
    await expect(store.db.query({ text: 'SELECT * FROM ledger' })).rejects.toMatchObject({
      name: 'TableGoneError',
      table: 'ledger',
    })
    await store.ensureTables(DATA)
    expect(await store.listLedger({ ...SCOPE, limit: 10 })).toEqual([])
    expect(await questdb.rows('SELECT count() FROM l2_book')).toEqual([[0]])
  })
})

/** Passes statements on and notes them. */
function recording(db: QuestDb): { readonly db: QuestDb; readonly statements: string[] } {
  const statements: string[] = []
  return {
    statements,
    db: {
      ...db,
      query: async (statement, signal) => {
        statements.push(statement.text)
        return await db.query(statement, signal)
      },
    },
  }
}

const DEATH = 'killed by the test'
const isDeath = (error: unknown) => {
  if (error instanceof Error && error.message === DEATH) return true
  throw error
}

/** Fails for good after so many statements that change something. */
function killedAfter(db: QuestDb, after: number): QuestDb {
  let left = after
  const spend = () => {
    if (left-- <= 0) throw new Error(DEATH)
  }
  return {
    ...db,
    query: async (statement, signal) => {
      if (!/^(SELECT|SHOW)/.test(statement.text)) spend()
      return await db.query(statement, signal)
    },
    send: async (bytes) => {
      spend()
      await db.send(bytes)
    },
  }
}
