import { StoreUnavailableError, TableGoneError } from '@backtide/store/errors'
import type { QuestDb, Row } from '@backtide/store/questdb'
import { waitApplied } from '@backtide/store/wait-applied'
import { describe, expect, it } from 'vitest'

/** A QuestDB whose `wal_tables()` answers by the number of the question. */
function walOf(answer: (question: number) => Row | undefined): QuestDb {
  let question = 0
  return {
    query: async () => {
      const row = answer(question++)
      return await Promise.resolve(row ? [row] : [])
    },
    send: async () => await Promise.reject(new Error('nothing is sent')),
    execute: async () => await Promise.reject(new Error('nothing is changed')),
    openWrite: () => expect.fail('nothing is written'),
  }
}

const applying = (writerTxn: number, suspended = false): Row => [
  suspended,
  writerTxn,
  100,
  suspended ? 'disk full' : '',
  0,
]

describe('waiting until rows are applied', () => {
  it('goes on for as long as QuestDB does, however slow', async () => {
    const slow = walOf((question) => applying(Math.min(question * 2.5, 100)))
    const { waitedMs } = await waitApplied(slow, 't', { stuckMs: 100 })
    expect(waitedMs).toBeGreaterThan(100)
  })

  it('fails when QuestDB applied nothing for a while, and says how far it is behind', async () => {
    const stuck = walOf((question) => applying(Math.min(question, 3)))
    const waiting = waitApplied(stuck, 't', { stuckMs: 50 })
    await expect(waiting).rejects.toThrow(StoreUnavailableError)
    await expect(waiting).rejects.toThrow('97 transactions behind')
  })

  it('fails at once when the table is suspended', async () => {
    const suspended = walOf((question) => applying(question, question > 1))
    await expect(waitApplied(suspended, 't')).rejects.toThrow('ALTER TABLE t RESUME WAL')
  })

  it('fails when there is no such table', async () => {
    await expect(
      waitApplied(
        walOf(() => undefined),
        't',
      ),
    ).rejects.toThrow(TableGoneError)
  })

  it('ends with the reason of its signal', async () => {
    const control = new AbortController()
    const waiting = waitApplied(
      walOf((question) => {
        if (question === 3) control.abort(new Error('cancelled by the test'))
        return applying(1)
      }),
      't',
      { signal: control.signal },
    )
    await expect(waiting).rejects.toThrow('cancelled by the test')
  })
})
