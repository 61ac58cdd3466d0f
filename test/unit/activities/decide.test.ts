import { decide, type Claim } from '@backtide/activities/load/plan'
import { REPROCESS } from '@backtide/core/backfill-options'
import { OBJECT_STATES, type ObjectState } from '@backtide/core/state'
import { describe, expect, it } from 'vitest'
import { ledgerRow } from '../api/fake-store.ts'

const row = (state: ObjectState, backfillId = 'earlier') =>
  ledgerRow({ partition: 0, symbol: 'BTC', state, backfillId })

const loaded = (reprocess: Claim['reprocess'], backfillId = 'earlier') =>
  OBJECT_STATES.filter(
    (state) => decide(row(state, backfillId), { backfillId: 'this', reprocess }, 1) === 'load',
  )

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

  it.each(REPROCESS)('with `%s` is what was never looked at', (reprocess) => {
    expect(decide(undefined, { backfillId: 'this', reprocess }, 1)).toBe('load')
  })
})
