import type { FoundHole } from '@backtide/core/hole'
import type { TableDefinition } from '@backtide/core/table'
import { HOLES, putHoles } from '@backtide/store/holes/put-holes'
import { ensureTable } from '@backtide/store/schema/ensure-table'
import { FUNDING } from '@backtide/datasets/unified/funding'
import { createQuestDb } from '@backtide/store/questdb'
import { sql } from '@backtide/store/sql'
import { waitApplied } from '@backtide/store/wait-applied'
import { describe, expect, it } from 'vitest'
import { ownServers } from '../helpers/servers.ts'

const db = createQuestDb(ownServers(import.meta.filename).questdb)

const TABLE: TableDefinition = {
  name: 'tables_test',
  columns: { ts: 'TIMESTAMP', symbol: 'SYMBOL', price: 'DOUBLE' },
  partitionBy: 'DAY',
  keys: ['ts', 'symbol'],
}

describe('a table', () => {
  it('is created once and accepted as it is ever after', async () => {
    const table = { ...TABLE, name: 'tables_test_again' }
    await ensureTable(db, table)
    await expect(ensureTable(db, table)).resolves.toBeUndefined()
  })

  it.each([
    [
      'lacks a column',
      'ts TIMESTAMP, symbol SYMBOL',
      'DAY WAL',
      'ts, symbol',
      'price DOUBLE is missing',
    ],
    [
      'has a column of another type',
      'ts TIMESTAMP, symbol SYMBOL, price LONG',
      'DAY WAL',
      'ts, symbol',
      'price is LONG, not DOUBLE',
    ],
    [
      'has a column of somebody else',
      'ts TIMESTAMP, symbol SYMBOL, price DOUBLE, note VARCHAR',
      'DAY WAL',
      'ts, symbol',
      "note is not Backtide's",
    ],
    [
      'has other keys',
      'ts TIMESTAMP, symbol SYMBOL, price DOUBLE',
      'DAY WAL',
      'ts',
      'symbol is not a deduplication key',
    ],
    [
      'is partitioned otherwise',
      'ts TIMESTAMP, symbol SYMBOL, price DOUBLE',
      'MONTH WAL',
      'ts, symbol',
      'partitioned by MONTH, not DAY',
    ],
    [
      'has a TTL',
      'ts TIMESTAMP, symbol SYMBOL, price DOUBLE',
      'DAY TTL 7 DAYS WAL',
      'ts, symbol',
      'it has a TTL',
    ],
  ])(
    'that %s is refused with an explanation and left alone',
    async (why, columns, partition, keys, message) => {
      const name = `tables_test_${why.replaceAll(/[^a-z]/g, '_')}`
      const create = `CREATE TABLE ${name} (${columns}) TIMESTAMP(ts) PARTITION BY ${partition} DEDUP UPSERT KEYS(${keys})`
      await db.query({ text: create })
      await expect(ensureTable(db, { ...TABLE, name })).rejects.toThrow(message)
      await expect(ensureTable(db, { ...TABLE, name })).rejects.toMatchObject({
        name: 'TableShapeError',
      })
    },
  )

  it('without deduplication is refused', async () => {
    const columns = 'ts TIMESTAMP, symbol SYMBOL, price DOUBLE'
    const name = 'tables_test_plain'
    await db.query({ text: `CREATE TABLE ${name} (${columns}) TIMESTAMP(ts) PARTITION BY DAY WAL` })
    await expect(ensureTable(db, { ...TABLE, name })).rejects.toThrow('deduplication is off')
  })
})

describe('holes', () => {
  it('are kept to the microsecond, for each channel, and replaced by what becomes of them', async () => {
    await ensureTable(db, HOLES)
    const from = 1_737_918_843_893_903_211n
    const one: FoundHole = {
      server: 'host',
      id: 'a',
      exchange: 'hyperliquid',
      market: 'perp',
      symbol: 'BTC',
      channels: ['funding', 'open_interest'],
      stream: 'activeAssetCtx:BTC',
      from,
      cause: 'silent',
      state: 'open',
    }
    const next: FoundHole = { ...one, id: 'b', from: from + 1000n, channels: ['funding'] }
    await putHoles(db, [one, next])
    await putHoles(db, [{ ...one, until: from + 5_000_000n, state: 'lost', evidence: 'x' }])
    await waitApplied(db, HOLES.name)
    const columns = 'ts, until, channel, server, cause, state, evidence'
    const rows = await db.query({
      text: `SELECT ${columns} FROM holes WHERE server = 'host' ORDER BY ts, channel`,
    })
    const times = ['2025-01-26T19:14:03.893903Z', '2025-01-26T19:14:03.898904Z']
    expect(rows).toEqual([
      [...times, 'funding', 'host', 'silent', 'lost', 'x'],
      [...times, 'open_interest', 'host', 'silent', 'lost', 'x'],
      ['2025-01-26T19:14:03.893904Z', null, 'funding', 'host', 'silent', 'open', null],
    ])
  })
})

describe('a view that merges origins', () => {
  const { merged, ...plain } = FUNDING.view
  const view = { ...plain, name: 'tables_test_merged_seen' }
  const table = { ...FUNDING, name: 'tables_test_merged', view }
  const seen = sql`SELECT rate, premium, mark_price FROM tables_test_merged_seen`

  it('takes the place of a view of before, and of each column has the value of the first that has one', async () => {
    await ensureTable(db, table)
    await db.query(
      sql`INSERT INTO tables_test_merged
        (ts, exchange, market, symbol, origin, rate, premium, mark_price, seam, dead) VALUES
        ('2025-01-01', 'x', 'perp', 'A', 'rest', 2.0, 3.0, null, 0, 0),
        ('2025-01-01', 'x', 'perp', 'A', 'capture', 4.0, 5.0, 6.0, 0, 0),
        ('2025-01-01', 'x', 'perp', 'A', 'archive', -1.0, null, null, 0, 0),
        ('2025-01-01', 'x', 'perp', 'A', 'archive', 9.0, 9.0, 9.0, 1, 2)`,
    )
    await waitApplied(db, table.name)
    expect((await db.query(seen)).length).toBe(3)
    await ensureTable(db, { ...table, view: { ...view, ...(merged && { merged }) } })
    expect(await db.query(seen)).toEqual([[-1, 3, 6]])
  })

  it('is only looked at by later starts', async () => {
    const today = { ...table, view: { ...view, ...(merged && { merged }) } }
    await ensureTable(db, today)
    const statements: string[] = []
    const watched: typeof db = {
      ...db,
      query: async (statement, signal) => {
        statements.push(statement.text)
        return await db.query(statement, signal)
      },
    }
    await ensureTable(watched, today)
    expect(statements.filter((text) => text.includes('VIEW'))).toEqual([])
  })
})
