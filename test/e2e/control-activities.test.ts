import { planDays } from '@backtide/activities/control/plan-days'
import { recordFailure } from '@backtide/activities/control/record-failure'
import type { Reprocess } from '@backtide/core/backfill'
import { dayKey } from '@backtide/core/partition'
import type { Range } from '@backtide/core/range'
import { isOpen, OBJECT_STATES, type ObjectState } from '@backtide/core/state'
import { registry } from '@backtide/datasets/registry'
import { listLedger } from '@backtide/store/ledger/list-ledger'
import { writeLedger } from '@backtide/store/ledger/write-ledger'
import { createStore } from '@backtide/store/store'
import { beforeAll, describe, expect, it } from 'vitest'
import { hourOf } from '../helpers/archive.ts'
import { ownServers } from '../helpers/servers.ts'

const servers = ownServers(import.meta.filename)
const store = createStore({ conf: servers.questdb })
const dataset = registry.find('hyperliquid.l2_book')
if (!dataset) throw new Error('no such dataset')
const { signal } = new AbortController()
const fence = { isOpen: true, wait: () => Promise.resolve() }
const context = { store, dataset, now: Date.now, signal, fence }
const SYMBOLS = ['BTC']

beforeAll(() => store.ensureTables([dataset.table]))

type Ledger = Awaited<ReturnType<typeof listLedger>>

async function ledgerOf(range: Range): Promise<Ledger> {
  return await listLedger(store.db, { dataset: 'hyperliquid.l2_book', symbols: SYMBOLS, range })
}

/** Puts an object into each hour of a range: as a failure, then as whatever it is to be. */
async function fill(range: Range, change: (row: Ledger[number], hour: number) => object) {
  const work = { backfillId: 'before', dataset: 'hyperliquid.l2_book', symbols: SYMBOLS }
  await recordFailure(context, { ...work, partitions: range, reason: 'seed' })
  const rows = await ledgerOf(range)
  await writeLedger(
    store.db,
    rows.map((row, hour) => ({ ...row, ...change(row, hour) })),
  )
}

async function plan(range: Range, reprocess: Reprocess, backfillId = 'later') {
  const work = { backfillId, dataset: 'hyperliquid.l2_book', symbols: SYMBOLS }
  const { days } = await planDays(context, { ...work, range, reprocess })
  return days.map(({ from }) => dayKey(from))
}

function wholeDay(day: string, hours = 24): Range {
  return { from: hourOf(day, 0), to: hourOf(day, hours) }
}

/** States of which a failure to look again may become the new one. */
function fails(state: ObjectState): boolean {
  return isOpen(state) && state !== 'unverified'
}

describe('recording a failure', () => {
  it('names every object that nothing is known of', async () => {
    const range = wholeDay(servers.nextDay(), 2)
    const work = { backfillId: 'later', dataset: 'hyperliquid.l2_book', symbols: ['BTC', 'ETH'] }
    const failure = { ...work, partitions: range, reason: 'no disk' }
    expect(await recordFailure(context, failure)).toEqual({ counts: { failed: 4 } })
    const rows = (await ledgerOf(range)).map(({ state, reason }) => ({ state, reason }))
    expect(rows).toEqual(Array.from({ length: 2 }, () => ({ state: 'failed', reason: 'no disk' })))
  })

  it('takes nothing back that was settled, nor that rows have to be read back', async () => {
    const range = wholeDay(servers.nextDay(), OBJECT_STATES.length)
    await fill(range, (_, hour) => ({ state: OBJECT_STATES[hour], distinctRows: 7, etag: 'v1' }))
    const before = await ledgerOf(range)
    const work = { backfillId: 'later', dataset: 'hyperliquid.l2_book', symbols: SYMBOLS }
    const failure = { ...work, partitions: range, reason: 'no disk' }
    const { counts } = await recordFailure(context, failure)

    expect(counts).toEqual({ failed: OBJECT_STATES.filter(fails).length })
    for (const [index, row] of (await ledgerOf(range)).entries()) {
      const was = before[index]
      if (!was || !fails(was.state)) expect(row).toEqual(was)
      else expect(row).toMatchObject({ state: 'failed', reason: 'no disk', etag: 'v1' })
    }
  })
})

describe('planning days', () => {
  it('leaves out those of which every object is settled', async () => {
    const [first, second] = [servers.nextDay(), servers.nextDay()]
    await fill(wholeDay(first), () => ({ state: 'complete' }))
    await fill(wholeDay(second), (_, hour) => ({ state: hour === 5 ? 'unverified' : 'missing' }))
    const range = { from: hourOf(first, 0), to: hourOf(second, 24) }
    const planned = await plan(range, 'incomplete')
    expect(planned).not.toContain(first)
    expect(planned).toContain(second)
    expect(planned).toContain(dayKey(hourOf(first, 24)))
  })

  it('judges objects, not how many rows there are', async () => {
    const day = servers.nextDay()
    await fill(wholeDay(day, 23), () => ({ state: 'complete' }))
    const [row] = await ledgerOf(wholeDay(day))
    if (row) await writeLedger(store.db, [{ ...row, object: 'a key of another time' }])
    expect(await ledgerOf(wholeDay(day))).toHaveLength(24)
    expect(await plan(wholeDay(day), 'incomplete')).toEqual([day])
  })

  it('passes over what the backfill itself has loaded, whatever it loads again', async () => {
    const day = servers.nextDay()
    await fill(wholeDay(day), () => ({ state: 'complete', backfillId: 'own' }))
    for (const reprocess of ['changed', 'all'] as const) {
      expect(await plan(wholeDay(day), reprocess, 'own')).toEqual([])
      expect(await plan(wholeDay(day), reprocess, 'later')).toEqual([day])
    }
  })
})
