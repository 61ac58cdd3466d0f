import { DAY_MS } from '@backtide/core/range'
import { StoreUnavailableError } from '@backtide/store/errors'
import { createWideReads } from '@backtide/store/wide-reads'
import { describe, expect, it } from 'vitest'

const YEARS = { from: 0, to: 5 * 365 * DAY_MS }
const WEEK = { from: 0, to: 7 * DAY_MS }

/** A read that ends when it is told to. */
function held() {
  const ending = new AbortController()
  const ended = new Promise((resolve) => ending.signal.addEventListener('abort', resolve))
  let begun = false
  const read = async () => {
    begun = true
    await ended
    return 'read'
  }
  return { read, end: () => ending.abort(), begun: () => begun }
}

describe('Reads of five years of the ledger', () => {
  it('take turns, in the order they were asked; a week does not wait for them', async () => {
    const reads = createWideReads({ mostMaps: 6_000 })
    const all = [held(), held(), held(), held()]
    const answers = all.map(({ read }) => reads.take(YEARS, 1, read))
    await Promise.resolve()
    expect(all.map(({ begun }) => begun())).toEqual([true, true, false, false])
    expect(await reads.take(WEEK, 3, async () => 'narrow')).toBe('narrow')
    all[1]?.end()
    await answers[1]
    expect(all.map(({ begun }) => begun())).toEqual([true, true, true, false])
    for (const { end } of all) end()
    expect(await Promise.all(answers)).toEqual(['read', 'read', 'read', 'read'])
  })

  it('go on after one that failed, and one that is wider than all may be alone', async () => {
    const reads = createWideReads({ mostMaps: 1_000 })
    const failing = reads.take(YEARS, 1, () => Promise.reject(new Error('away')))
    const next = reads.take(YEARS, 1, async () => 'next')
    await expect(failing).rejects.toThrow('away')
    expect(await next).toBe('next')
  })

  it('are refused when their turn does not come, and wait no more', async () => {
    const reads = createWideReads({ mostMaps: 1_000, patienceMs: 20 })
    const first = held()
    const reading = reads.take(YEARS, 1, first.read)
    const second = held()
    await expect(reads.take(YEARS, 1, second.read)).rejects.toThrow(StoreUnavailableError)
    first.end()
    await reading
    expect(second.begun()).toBe(false)
    expect(await reads.take(YEARS, 1, async () => 'free')).toBe('free')
  })
})
