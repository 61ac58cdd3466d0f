import type { Catalogue, DatasetFacts } from '@backtide/core/check-scope'
import { backfillBody, resolveRequest } from '@backtide/core/request'
import { DAY_MS, formatInstant } from '@backtide/core/range'
import { describe, expect, it } from 'vitest'

const NOW = Date.UTC(2026, 10, 21, 12, 30)

/** Start of the day so many days before the one that runs. */
const day = (before: number) => formatInstant(Math.floor(NOW / DAY_MS) * DAY_MS - before * DAY_MS)

describe('What a venue does not keep', () => {
  const DAY_CANDLES: DatasetFacts = {
    id: 'kept',
    granularity: 'day',
    symbolPattern: /^[A-Z]+$/,
    begins: Date.UTC(2023, 3, 15),
    symbols: 'named',
    intervals: ['1m', '1h'],
    keptMs: { '1m': 3 * DAY_MS, '1h': 200 * DAY_MS },
    madeOf: 'all.trades',
  }
  const only: Catalogue = { all: [DAY_CANDLES], find: () => DAY_CANDLES }
  const kept = (fields: object) => {
    const body = backfillBody.parse({
      dataset: 'kept',
      coins: ['BTC'],
      intervals: ['1h'],
      ...fields,
    })
    return resolveRequest(body, only, NOW)
  }

  it('is left out of a request, which says what, and what can rebuild it', () => {
    const resolved = kept({ from: '2024-01-01', to: day(0) })
    if (!resolved.ok) throw new Error(JSON.stringify(resolved.errors))
    const { request, asked, warnings } = resolved.value
    expect(formatInstant(request.range.from)).toBe(day(199))
    expect(formatInstant(asked.range.from)).toBe('2024-01-01T00:00:00Z')
    expect(warnings).toEqual([
      `2024-01-01 to ${day(199).slice(0, 10)} is left out: the venue has nothing of 1h before ${day(199).slice(0, 10)} any more. all.trades can rebuild what is older.`,
    ])
  })

  it('goes by the interval that is kept longest, and says so of the others', () => {
    const resolved = kept({ intervals: ['1m', '1h'], from: day(10), to: day(0) })
    expect(resolved).toMatchObject({
      ok: true,
      value: { request: { range: { to: Date.parse(day(0)) } } },
    })
    if (!resolved.ok) return
    expect(formatInstant(resolved.value.request.range.from)).toBe(day(10))
    expect(resolved.value.warnings).toEqual([
      expect.stringMatching(/^1m before 2026-11-19 cannot be loaded: .* all\.trades can rebuild/),
    ])
  })

  it('does not count for what is kept, and is refused where nothing is left', () => {
    expect(kept({ from: day(10), to: day(0) })).toMatchObject({ ok: true, value: { warnings: [] } })
    expect(kept({ from: '2024-01-01', to: '2024-02-01' })).toMatchObject({
      ok: false,
      errors: [
        { pointer: '/from', detail: expect.stringMatching(/nothing of 1h before 2026-05-06/) },
      ],
    })
  })
})
