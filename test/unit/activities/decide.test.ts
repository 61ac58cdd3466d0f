import { decide, type Claim } from '@backtide/activities/load/plan'
import { REPROCESS } from '@backtide/core/backfill-options'
import { DAY_MS } from '@backtide/core/range'
import { OBJECT_STATES, type ObjectState } from '@backtide/core/state'
import { describe, expect, it } from 'vitest'
import { ledgerRow } from '../api/fake-store.ts'

const row = (state: ObjectState, backfillId = 'earlier') =>
  ledgerRow({ partition: 0, symbol: 'BTC', state, backfillId })

const loaded = (reprocess: Claim['reprocess'], backfillId = 'earlier') =>
  OBJECT_STATES.filter(
    (state) =>
      decide(row(state, backfillId), { backfillId: 'this', reprocess, now: NOW }, 1) === 'load',
  )

/** A year after the rows were looked at. */
const NOW = Date.UTC(2026, 0, 2)

const OPEN = ['pending', 'failed', 'reset', 'unverified']

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
      expect(decide(row(state), claim, 2)).toBe('load')
    }
    expect(decide(row('complete'), claim, 2)).toBe('skip')
  })

  it('with `repairable` is not what is pending and was looked for a moment ago', () => {
    const pending = row('pending')
    const claim = { backfillId: 'this', reprocess: 'repairable' } as const
    const { checkedAt } = pending
    expect(decide(pending, { ...claim, now: checkedAt + 60_000 }, 1)).toBe('skip')
    expect(decide(pending, { ...claim, now: checkedAt + DAY_MS }, 1)).toBe('load')
  })

  it.each(REPROCESS)('with `%s` is what was never looked at', (reprocess) => {
    expect(decide(undefined, { backfillId: 'this', reprocess, now: NOW }, 1)).toBe('load')
  })
})
