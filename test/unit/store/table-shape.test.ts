import { TableGoneError } from '@backtide/store/errors'
import type { QuestDb } from '@backtide/store/questdb'
import { readShape } from '@backtide/store/schema/table-shape'
import { describe, expect, it } from 'vitest'

describe('a table that was renamed while QuestDB applied rows to it', () => {
  it('is not there, though it is listed', async () => {
    const listing: QuestDb = {
      query: async ({ text }) => {
        if (text.startsWith('SHOW COLUMNS')) throw new TableGoneError('l2_book')
        return await Promise.resolve([['DAY', true, true, 0]])
      },
      send: async () => await Promise.reject(new Error('nothing is sent')),
      execute: async () => await Promise.reject(new Error('nothing is changed')),
      openWrite: () => expect.fail('nothing is written'),
    }
    expect(await readShape(listing, 'l2_book')).toBeUndefined()
  })
})
