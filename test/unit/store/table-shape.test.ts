import { TableGoneError } from '@backtide/store/errors'
import type { QuestDb } from '@backtide/store/questdb'
import { readShape } from '@backtide/store/schema/table-shape'
import { describe, expect, it } from 'vitest'

function answering(answers: Readonly<Record<string, readonly (readonly unknown[])[]>>): QuestDb {
  return {
    query: async ({ text }) => {
      const [, answer] = Object.entries(answers).find(([start]) => text.startsWith(start)) ?? []
      if (!answer) throw new TableGoneError('l2_book')
      return await Promise.resolve(answer as never)
    },
    send: async () => await Promise.reject(new Error('nothing is sent')),
    execute: async () => await Promise.reject(new Error('nothing is changed')),
    openWrite: () => expect.fail('nothing is written'),
  }
}

describe('a table that was renamed while QuestDB applied rows to it', () => {
  const LISTS = {
    'SELECT partitionBy': [['DAY', true, true, 0]],
    'SELECT table_name': [['l2_book']],
  }

  it('is not there by its old name, though that is listed', async () => {
    expect(await readShape(answering(LISTS), 'l2_book')).toBeUndefined()
  })

  it('is there by its new name, though that is not listed', async () => {
    const statement =
      "CREATE TABLE 'l2_book_all' ( \n\tts TIMESTAMP\n) timestamp(ts) PARTITION BY DAY\nDEDUP UPSERT KEYS(ts);"
    const columns = ['ts', 'TIMESTAMP', false, 0, false, 0, 0, true, true]
    const db = answering({ 'SHOW CREATE': [[statement]], 'SHOW COLUMNS': [columns] })
    expect(await readShape(db, 'l2_book_all')).toEqual({
      columns: [{ name: 'ts', type: 'TIMESTAMP', key: true }],
      partitionBy: 'DAY',
      wal: true,
      dedup: true,
      ttl: 0,
    })
  })
})

it.each([
  ['TTL', 'PARTITION BY DAY TTL 3 DAYS;', { ttl: 3, dedup: false, wal: true }],
  ['no log', 'PARTITION BY MONTH BYPASS WAL;', { wal: false, partitionBy: 'MONTH' }],
])('tells a table with %s', async (_, ending, shape) => {
  const statement = `CREATE TABLE 'f' ( \n\tts TIMESTAMP\n) timestamp(ts) ${ending}`
  const db = answering({ 'SHOW CREATE': [[statement]], 'SHOW COLUMNS': [] })
  expect(await readShape(db, 'f')).toMatchObject(shape)
})

it('takes a view for no table', async () => {
  const statement = "CREATE TABLE 'v' ( \n\tts TIMESTAMP\n) timestamp(ts) PARTITION BY N/A;"
  expect(await readShape(answering({ 'SHOW CREATE': [[statement]] }), 'v')).toBeUndefined()
})

it('takes a view that groups for no table, though nothing is said of its partitions', async () => {
  const statement = "CREATE TABLE 'v' ( \n\tts TIMESTAMP\n);"
  const db = answering({ 'SHOW CREATE': [[statement]], 'SELECT view_name': [['v']] })
  expect(await readShape(db, 'v')).toBeUndefined()
})
