import { binanceKlines } from '@backtide/datasets/binance/klines'
import { hyperliquidL2Book } from '@backtide/datasets/hyperliquid/l2-book'
import { findListed, decide, type Claim } from '@backtide/activities/load/plan'
import { REPROCESS } from '@backtide/core/backfill-options'
import { DAY_MS } from '@backtide/core/range'
import { OBJECT_STATES, type ObjectState } from '@backtide/core/state'
import { describe, expect, it } from 'vitest'
import { ledgerRow } from '../api/fake-ledger.ts'

const row = (state: ObjectState, backfillId = 'earlier') =>
  ledgerRow({ partition: 0, symbol: 'BTC', state, backfillId })

const loaded = (reprocess: Claim['reprocess'], backfillId = 'earlier') =>
  OBJECT_STATES.filter(
    (state) =>
      decide(row(state, backfillId), { backfillId: 'this', reprocess, now: NOW }, 1, true) ===
      'load',
  )

/** A year after the rows were looked at. */
const NOW = Date.UTC(2026, 0, 2)

/** What is open, and what corrected dates say was listed after all. */
const OPEN = ['pending', 'failed', 'reset', 'unverified', 'not_listed']

describe('What a backfill loads again', () => {
  it('is what is open, by itself', () => {
    expect(loaded('incomplete').toSorted()).toEqual(OPEN.toSorted())
  })

  it.each(['missing', 'corrupt', 'degraded'] as const)(
    'with `%s` is what is in that state as well',
    (state) => {
      expect(loaded(state).toSorted()).toEqual([...OPEN, state].toSorted())
    },
  )

  it.each(['missing', 'corrupt', 'degraded'] as const)(
    'with `%s` is nothing that it settled so itself: a crash costs one load',
    (state) => {
      expect(loaded(state, 'this')).not.toContain(state)
    },
  )

  it('is everything with `all`', () => {
    expect(loaded('all')).toEqual([...OBJECT_STATES])
  })

  it('with `repairable` is what is open, and what another decoder read', () => {
    expect(loaded('repairable').toSorted()).toEqual(OPEN.toSorted())
    const claim = { backfillId: 'this', reprocess: 'repairable', now: NOW } as const
    for (const state of ['corrupt', 'degraded'] as const) {
      expect(decide(row(state), claim, 2, true)).toBe('load')
    }
    expect(decide(row('complete'), claim, 2, true)).toBe('skip')
  })

  it('with `repairable` is not what is pending and was looked for a moment ago', () => {
    const pending = row('pending')
    const claim = { backfillId: 'this', reprocess: 'repairable' } as const
    const { checkedAt } = pending
    expect(decide(pending, { ...claim, now: checkedAt + 60_000 }, 1, true)).toBe('skip')
    expect(decide(pending, { ...claim, now: checkedAt + DAY_MS }, 1, true)).toBe('load')
  })

  it.each(REPROCESS)('with `%s` is what was never looked at', (reprocess) => {
    expect(decide(undefined, { backfillId: 'this', reprocess, now: NOW }, 1, true)).toBe('load')
  })
})

const claim = (reprocess: Claim['reprocess']) => ({ backfillId: 'this', reprocess, now: NOW })

const unlisted = (state: ObjectState, etag = '') =>
  decide({ ...row(state), etag }, claim('incomplete'), 1, false)

describe('Of an instrument that was not listed', () => {
  it('nothing is fetched, and what was called missing is put right', () => {
    expect(decide(undefined, claim('incomplete'), 1, false)).toBe('not_listed')
    expect(unlisted('missing')).toBe('not_listed')
    expect(unlisted('pending')).toBe('not_listed')
    expect(unlisted('failed')).toBe('not_listed')
    expect(unlisted('not_listed')).toBe('skip')
  })

  it('what was there all the same stays what it is', () => {
    expect(unlisted('complete', 'etag')).toBe('skip')
    expect(unlisted('failed', 'etag')).toBe('load')
    expect(unlisted('unverified', 'etag')).toBe('load')
    expect(decide({ ...row('missing'), etag: '' }, claim('missing'), 1, false)).toBe('not_listed')
  })

  it('all is fetched when somebody asks for `all`', () => {
    expect(decide(undefined, claim('all'), 1, false)).toBe('load')
    expect(decide(row('not_listed'), claim('all'), 1, false)).toBe('load')
  })
})

it('asks for the dates of instruments only where the venue lists any', async () => {
  const asked: unknown[] = []
  const db = { query: async (...one: unknown[]) => (asked.push(one), []) } as never
  const start = Date.UTC(2025, 0, 1)
  const wanted = (series: string) => ({ partition: start, series, part: 0, key: 'k' })
  const candles = await findListed({ db }, binanceKlines, ['BTCUSDT 1m'])
  expect([candles(wanted('BTCUSDT 1m')), asked.length]).toEqual([true, 0])
  const books = await findListed({ db }, hyperliquidL2Book, ['BTC'])
  expect([books(wanted('BTC')), asked.length]).toEqual([true, 1])
})
