import { judge } from '@backtide/activities/load/judge'
import type { Dataset } from '@backtide/datasets/dataset'
import type { ObjectTally } from '@backtide/datasets/decode/decoded-object'
import { describe, expect, it } from 'vitest'

const DAY = Date.UTC(2025, 0, 1)
const HOUR_MS = 3_600_000
const source = { objects: () => ['one'] } as unknown as Dataset['source']
const twoObjects = { objects: () => ['early', 'late'] } as unknown as Dataset['source']
const BOOKS = { dataset: { granularity: 'hour', source }, partition: DAY, series: 'BTC' } as const
const CONTEXTS = {
  dataset: { granularity: 'day', shortAfterMs: HOUR_MS, source },
  partition: DAY,
  series: '*',
} as const

/** What an object held whose rows are of these times, UTC milliseconds. */
function tallyOf(times: readonly number[], more: Partial<ObjectTally> = {}): ObjectTally {
  const expected = {
    symbol: 'BTC',
    ts: Float64Array.from(times, (ms) => ms * 1000),
    rows: new Uint32Array(times.length).fill(1),
    checks: new Float64Array(times.length),
  }
  return {
    bytes: 0,
    lines: times.length,
    rows: times.length,
    distinctRows: times.length,
    supersededRows: 0,
    rejected: {},
    warnings: {},
    fallbacks: 0,
    samples: [],
    contentHash: '',
    disordered: false,
    expected: times.length > 0 ? [expected] : [],
    ...more,
  } as ObjectTally
}

const WHOLE_DAY = [DAY, DAY + 24 * HOUR_MS - 60_000]

describe('an object', () => {
  it('is complete when its rows were found, and complete_empty when it has none', () => {
    expect(judge(tallyOf([DAY]), {}, BOOKS)).toEqual({ state: 'complete', reason: '' })
    expect(judge(tallyOf([]), {}, BOOKS)).toEqual({ state: 'complete_empty', reason: '' })
  })

  it('failed when its rows were not found, also when it is corrupt, and says which', () => {
    const verdict = { mismatch: 'BTC at …: 0 of 1 rows found' }
    const failed = { state: 'failed', reason: `verification: ${verdict.mismatch}` }
    expect(judge(tallyOf([DAY]), verdict, BOOKS)).toEqual(failed)
    expect(judge(tallyOf([DAY], { corrupt: 'cut' }), verdict, BOOKS)).toEqual(failed)
  })

  it.each([
    [{ corrupt: 'the frame ends early' }, 'corrupt', 'the frame ends early'],
    [{ refused: 'new column' }, 'failed', 'refused: new column'],
    [{ rejected: { not_json: 2, negative: 1 } }, 'degraded', 'rejected_lines: 3'],
    [{ disordered: true }, 'degraded', 'out_of_order'],
  ])('with %o is %s', (more, state, reason) => {
    expect(judge(tallyOf([DAY], more as Partial<ObjectTally>), {}, BOOKS)).toEqual({
      state,
      reason,
    })
  })
})

describe('an object of a dataset that fills its partitions from end to end', () => {
  it('is complete when it does', () => {
    expect(judge(tallyOf(WHOLE_DAY), {}, CONTEXTS).state).toBe('complete')
  })

  it.each([
    ['has no rows, with a header or without', []],
    ['has one row, at the start', [DAY]],
    ['stops hours before its end', [DAY, DAY + 20 * HOUR_MS]],
    ['begins hours after its start', [DAY + 4 * HOUR_MS, WHOLE_DAY[1] ?? 0]],
  ])('is degraded as short when it %s', (_, times) => {
    const { state, reason } = judge(tallyOf(times), {}, CONTEXTS)
    expect(state).toBe('degraded')
    expect(reason).toMatch(/^short: /)
  })

  it('is complete with any part of a partition that has several objects', () => {
    const dataset = { ...CONTEXTS.dataset, source: twoObjects }
    expect(judge(tallyOf([DAY]), {}, { ...CONTEXTS, dataset })).toEqual({
      state: 'complete',
      reason: '',
    })
  })
})

describe('an object of candles', () => {
  const shortAfterMs = { '1m': 60_000, '1h': HOUR_MS, '1d': 24 * HOUR_MS }
  const dataset = { granularity: 'day', shortAfterMs, source } as const
  const stateOf = (series: string, times: readonly number[]) => {
    return judge(tallyOf(times), {}, { dataset, partition: DAY, series }).state
  }
  const last = (length: number) => DAY + 24 * HOUR_MS - length

  it('is complete with the last candle of its interval, and with the first or the second', () => {
    expect(stateOf('BTCUSDT 1m', [DAY, last(60_000)])).toBe('complete')
    expect(stateOf('BTCUSDT 1h', [DAY + HOUR_MS, last(HOUR_MS)])).toBe('complete')
    expect(stateOf('BTCUSDT 1d', [DAY])).toBe('complete')
  })

  it('is degraded without its last candle, or without its first two', () => {
    expect(stateOf('BTCUSDT 1m', [DAY, last(120_000)])).toBe('degraded')
    expect(stateOf('BTCUSDT 1m', [DAY, last(HOUR_MS)])).toBe('degraded')
    expect(stateOf('BTCUSDT 1h', [DAY + 2 * HOUR_MS, last(HOUR_MS)])).toBe('degraded')
    expect(stateOf('BTCUSDT 1d', [])).toBe('degraded')
  })
})
