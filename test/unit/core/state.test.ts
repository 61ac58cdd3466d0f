import {
  addCounts,
  gapCount,
  percentWithoutGap,
  isComplete,
  isOpen,
  OBJECT_STATES,
  totalCount,
  type StateCounts,
} from '@backtide/core/state'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

const counts: fc.Arbitrary<StateCounts> = fc.record(
  Object.fromEntries(OBJECT_STATES.map((state) => [state, fc.nat({ max: 1000 })])),
  { requiredKeys: [] },
)

describe('Counts by state', () => {
  it('add up', () => {
    expect(addCounts({ complete: 2, failed: 1 }, { complete: 3, missing: 4 })).toEqual({
      complete: 5,
      failed: 1,
      missing: 4,
    })
  })

  it('keep their total when added, and change neither part', () => {
    fc.assert(
      fc.property(counts, counts, (a, b) => {
        const before = structuredClone([a, b])
        expect(totalCount(addCounts(a, b))).toBe(totalCount(a) + totalCount(b))
        expect([a, b]).toEqual(before)
      }),
    )
  })

  it('count as gaps what is neither complete nor empty, nor explained', () => {
    const one = Object.fromEntries(OBJECT_STATES.map((state) => [state, 1]))
    expect(gapCount(one)).toBe(7)
    expect(gapCount({ complete: 3, complete_empty: 2, not_listed: 4 })).toBe(0)
    expect(percentWithoutGap({ complete: 3, complete_empty: 2, not_listed: 4 }, 0)).toBe(100)
    expect(percentWithoutGap({ complete: 1, missing: 1 }, 2)).toBe(25)
    expect(percentWithoutGap({}, 0)).toBe(100)
  })
})

describe('A state', () => {
  it('leaves no gap only when complete, or when there was nothing to have', () => {
    expect(OBJECT_STATES.filter(isComplete)).toEqual(['complete', 'complete_empty', 'not_listed'])
  })

  it('is loaded again by `incomplete` only when a load could change it', () => {
    expect(OBJECT_STATES.filter(isOpen)).toEqual(['pending', 'failed', 'reset', 'unverified'])
  })
})
