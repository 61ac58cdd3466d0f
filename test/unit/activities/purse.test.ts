import { createPurse, type PurseOptions } from '@backtide/activities/spending/purse'
import { registry } from '@backtide/datasets/registry'
import type { SpendingNote, Spent } from '@backtide/store/spending/spending'
import { describe, expect, it } from 'vitest'

const SOURCE = registry.find('hyperliquid.l2_book')?.source
if (!SOURCE) throw new Error('there is no such dataset')

const RATES = { perGiB: 1, perThousandGets: 1000, perThousandLists: 0 }

/** A record that several workers write to. */
function openRecord() {
  const notes: SpendingNote[] = []
  const record = {
    notes,
    fails: false,
    spent: (): readonly Spent[] => {
      // A note of one worker at one instant counts once.
      const own = new Map(notes.map((note) => [`${note.at} ${note.worker}`, note.spent]))
      return [...own.values()].flat()
    },
    purse: (options: Partial<PurseOptions> = {}) =>
      createPurse({
        ratesOf: () => RATES,
        worker: 'one',
        put: async (note) => {
          notes.push(note)
          if (record.fails) throw new Error('QuestDB is away')
          await Promise.resolve()
        },
        spentIn: () => Promise.resolve(record.spent()),
        spentFor: (ids) =>
          Promise.resolve(record.spent().filter((one) => ids.includes(one.backfillId))),
        now: () => Date.UTC(2026, 10, 22) + notes.length,
        everyMs: 3_600_000,
        ...options,
      }),
  }
  return record
}

describe('A purse', () => {
  it('charges a backfill for what it asks for, and not one where the source is free', async () => {
    const record = openRecord()
    const purse = record.purse()
    const account = purse.accountOf(SOURCE, 'a')
    account?.request('get')
    account?.request('list')
    account?.answer(2 ** 30)
    await purse.settle()
    expect(record.spent()).toEqual([
      { backfillId: 'a', source: SOURCE.name, gets: 1, lists: 1, bytes: 2 ** 30, usd: 2 },
    ])
    expect(record.purse({ ratesOf: () => undefined }).accountOf(SOURCE, 'a')).toBeUndefined()
  })

  it('stops a load when its backfill has spent what it may, and says how to go on', async () => {
    const record = openRecord()
    const purse = record.purse()
    const account = purse.accountOf(SOURCE, 'a')
    const allowance = await purse.allow('a', 2.5)
    account?.request('get')
    account?.request('get')
    expect(allowance.stop()).toBeUndefined()
    account?.request('get')
    expect(allowance.stop()).toEqual({
      maxCostUsd: 2.5,
      reason:
        'the budget of $2.50 is spent ($3.00); to go on: backtide budget raise a USD, then backtide resume a',
    })
    expect((await purse.allow('a', 4)).stop()).toBeUndefined()
    expect((await purse.allow('b', 1)).stop()).toBeUndefined()
  })

  it('knows what other workers, and the process before it, have spent', async () => {
    const record = openRecord()
    const first = record.purse()
    first.accountOf(SOURCE, 'a')?.request('get')
    await first.settle()
    const second = record.purse({ worker: 'two' })
    second.accountOf(SOURCE, 'a')?.request('get')
    expect((await second.allow('a', 2)).stop()).toMatchObject({ maxCostUsd: 2 })
  })

  it('has the budget of a month for all backfills together', async () => {
    const record = openRecord()
    const purse = record.purse({ monthlyUsd: 2 })
    purse.accountOf(SOURCE, 'a')?.request('get')
    purse.accountOf(SOURCE, 'b')?.request('get')
    const stop = (await purse.allow('c', undefined)).stop()
    expect(stop?.maxCostUsd).toBeUndefined()
    expect(stop?.reason).toContain('the budget of $2.00 for 2026-11 is spent ($2.00)')
    expect(stop?.reason).toContain('backtide resume c')
  })

  it('puts what it could not write on record later, once', async () => {
    const record = openRecord()
    const purse = record.purse({ now: () => 1 })
    purse.accountOf(SOURCE, 'a')?.request('get')
    record.fails = true
    await expect(purse.settle()).rejects.toThrow('away')
    await expect(purse.allow('a', 1)).rejects.toThrow('away')
    record.fails = false
    await purse.settle()
    expect(record.notes).toHaveLength(3)
    expect(record.spent()).toMatchObject([{ gets: 1, usd: 1 }])
  })
})
