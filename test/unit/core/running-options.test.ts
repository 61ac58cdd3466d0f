import { failuresAllowed, faultOfChange } from '@backtide/core/running-options'
import { describe, expect, it } from 'vitest'

describe('A change of a running backfill', () => {
  it.each([
    [{ order: 'newest-first' }],
    [{ concurrency: 64, priority: 5 }],
    [{ maxFailedDays: 3, maxFailedPercent: 0.5 }],
    [{ maxFailedDays: null, maxFailedPercent: null }],
  ])('%j is in order', (change) => {
    expect(faultOfChange(change)).toBeUndefined()
  })

  it.each([
    [undefined, 'name something to change'],
    [{}, 'name something to change'],
    [{ reprocess: 'all' }, 'reprocess cannot be changed; order, concurrency, priority'],
    [{ order: 'sideways' }, 'order must be oldest-first or newest-first'],
    [{ concurrency: 65 }, 'concurrency must be an integer from 1 to 64'],
    [{ priority: 2.5 }, 'priority must be an integer from 1 to 5'],
    [{ priority: null }, 'priority must be an integer from 1 to 5'],
    [{ maxFailedDays: 0 }, 'maxFailedDays must be an integer of 1 at least, or null'],
    [{ maxFailedPercent: 101 }, 'maxFailedPercent must be a number above 0, 100 at most, or null'],
  ])('%j is refused with the reason', (change, reason) => {
    expect(faultOfChange(change)).toContain(reason)
  })
})

describe('Days that may fail', () => {
  it('are the lower of a number and a share of all days, one at least', () => {
    expect(failuresAllowed({}, 100)).toBeUndefined()
    expect(failuresAllowed({ maxFailedDays: 5 }, 100)).toBe(5)
    expect(failuresAllowed({ maxFailedPercent: 2 }, 365)).toBe(8)
    expect(failuresAllowed({ maxFailedPercent: 1 }, 3)).toBe(1)
    expect(failuresAllowed({ maxFailedDays: 5, maxFailedPercent: 2 }, 365)).toBe(5)
    expect(failuresAllowed({ maxFailedDays: 5, maxFailedPercent: 2 }, 100)).toBe(2)
  })
})
