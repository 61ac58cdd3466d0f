import { DAY_MS, formatInstant, HOUR_MS } from '@backtide/core/range'
import type { Catalogue, DatasetFacts } from '@backtide/core/check-scope'
import { backfillBody, canonicalRequest, resolveRequest } from '@backtide/core/request'
import { resetBody, resolveReset } from '@backtide/core/reset-request'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

const NOW = Date.UTC(2026, 10, 21, 12, 30)
const BEGINS = Date.UTC(2023, 3, 15)

const HOURLY: DatasetFacts = {
  id: 'hourly',
  granularity: 'hour',
  symbols: 'named',
  symbolPattern: /^[A-Za-z@0-9]+$/,
  begins: BEGINS,
}
const DAILY: DatasetFacts = { ...HOURLY, id: 'daily', granularity: 'day', symbols: 'all' }
const CANDLES: DatasetFacts = { ...HOURLY, id: 'candles', intervals: ['1m', '5m', '1h'] }
const ALL = [HOURLY, DAILY, CANDLES]
const CATALOGUE: Catalogue = { all: ALL, find: (id) => ALL.find((dataset) => dataset.id === id) }

function resolve(fields: object) {
  const body = backfillBody.parse({ dataset: 'hourly', coins: ['BTC'], ...fields })
  const resolved = resolveRequest(body, CATALOGUE, NOW)
  return resolved.ok ? { ...resolved, value: resolved.value.request } : resolved
}

function reset(fields: object) {
  const day = { dataset: 'candles', from: '2025-01-01', to: '2025-01-02' }
  return resolveReset(resetBody.parse({ ...day, ...fields }), CATALOGUE, NOW)
}

function pointersOf(fields: object): string[] {
  const resolved = resolve(fields)
  return resolved.ok ? [] : resolved.errors.map((error) => error.pointer)
}

function canonical(fields: object): string {
  const resolved = resolve({ from: '2025-01-01', to: '2025-01-02', ...fields })
  if (!resolved.ok) throw new Error(JSON.stringify(resolved.errors))
  return canonicalRequest(resolved.value)
}

/** A number of hours after the start of 2024. */
function afterHours(hours: number): string {
  return formatInstant(Date.UTC(2024, 0, 1) + hours * HOUR_MS)
}

describe('A request that is in order', () => {
  it('is resolved: nothing is left to a default', () => {
    expect(
      resolve({ from: '2025-01-01', to: '2025-01-01T03', coins: ['ETH', 'BTC', 'ETH'] }),
    ).toEqual({
      ok: true,
      value: {
        dataset: 'hourly',
        symbols: ['BTC', 'ETH'],
        range: { from: Date.UTC(2025, 0, 1), to: Date.UTC(2025, 0, 1, 3) },
        order: 'oldest-first',
        reprocess: 'incomplete',
        onFailure: 'continue',
        concurrency: 4,
      },
    })
  })

  it('for objects of all symbols has the symbol *', () => {
    const body = { dataset: 'daily', coins: undefined, from: '2025-01-01', to: '2025-01-02' }
    expect(resolve(body)).toMatchObject({ ok: true, value: { symbols: ['*'] } })
  })

  it('may begin with the archive and end with the last partition that has ended', () => {
    const last = Math.floor(NOW / HOUR_MS) * HOUR_MS
    expect(pointersOf({ from: formatInstant(BEGINS), to: formatInstant(last) })).toEqual([])
    expect(pointersOf({ from: formatInstant(BEGINS - HOUR_MS), to: '2025-01-01' })).toEqual([
      '/from',
    ])
    expect(pointersOf({ from: '2026-11-21', to: formatInstant(last + HOUR_MS) })).toEqual(['/to'])
  })

  it('by the day ends with yesterday at the latest', () => {
    const daily = { dataset: 'daily', coins: undefined, from: '2026-11-01' }
    expect(pointersOf({ ...daily, to: '2026-11-21' })).toEqual([])
    expect(pointersOf({ ...daily, to: '2026-11-22' })).toEqual(['/to'])
    expect(pointersOf({ ...daily, to: '2026-11-20T12' })).toEqual(['/to'])
  })

  it('is accepted exactly when it lies on bounds, in the archive, in the past and forward', () => {
    const instants = fc
      .integer({ min: -50, max: 24 * 1400 })
      .map((hours) => BEGINS + hours * HOUR_MS)
    const offsets = fc.constantFrom(0, 0, 0, 1, 60_000)
    fc.assert(
      fc.property(instants, instants, offsets, (from, to, offset) => {
        const fields = { from: formatInstant(from + offset), to: formatInstant(to) }
        const fine =
          offset === 0 && from >= BEGINS && from < to && to <= Math.floor(NOW / HOUR_MS) * HOUR_MS
        expect(resolve(fields).ok).toBe(fine)
      }),
    )
  })
})

describe('The size of a request', () => {
  const coins = Array.from({ length: 100 }, (_, index) => `C${index}`)

  it('counts partitions times coins; more than 200,000 have to be confirmed', () => {
    const tooMany = { coins, from: '2024-01-01', to: afterHours(2001) }
    expect(pointersOf({ coins, from: '2024-01-01', to: afterHours(2000) })).toEqual([])
    expect(pointersOf(tooMany)).toEqual(['/confirmed'])
    expect(pointersOf({ ...tooMany, confirmed: false })).toEqual(['/confirmed'])
    expect(pointersOf({ ...tooMany, confirmed: true })).toEqual([])
  })

  it('once confirmed is no part of what is asked for: it is the same request', () => {
    const asked = { coins, from: '2024-01-01', to: '2024-01-02' }
    expect(resolve({ ...asked, confirmed: true })).toEqual(resolve(asked))
  })
})

describe('The intervals of a request', () => {
  const day = { dataset: 'candles', from: '2025-01-01', to: '2025-01-02' }

  it('are resolved into series: every coin at every interval, sorted, each once', () => {
    const asked = { ...day, coins: ['ETH', 'BTC', 'ETH'], intervals: ['5m', '1m', '5m'] }
    const symbols = ['BTC 1m', 'BTC 5m', 'ETH 1m', 'ETH 5m']
    expect(resolve(asked)).toMatchObject({ ok: true, value: { symbols } })
  })

  it('are all that the dataset has with the word all', () => {
    const symbols = ['BTC 1h', 'BTC 1m', 'BTC 5m']
    expect(resolve({ ...day, intervals: ['all'] })).toMatchObject({ ok: true, value: { symbols } })
  })

  it.each([
    ['none where they are needed', {}, '/intervals'],
    ['an empty list', { intervals: [] }, '/intervals'],
    ['one that the dataset does not have', { intervals: ['1m', '2m'] }, '/intervals/1'],
    ['one in other letters', { intervals: ['1M'] }, '/intervals/0'],
    ['one that is no interval beside all', { intervals: ['all', 'x'] }, '/intervals/1'],
    ['one for a dataset without them', { dataset: 'hourly', intervals: ['1m'] }, '/intervals'],
    ['all for a dataset without them', { dataset: 'hourly', intervals: ['all'] }, '/intervals'],
  ])('are refused by name: %s', (_, change, pointer) => {
    expect(pointersOf({ ...day, ...change })).toEqual([pointer])
  })

  it('are refused with the ones that are allowed', () => {
    const resolved = resolve({ ...day, intervals: ['2m'] })
    expect(resolved).toMatchObject({
      errors: [
        {
          detail: '"2m" is not an interval of candles; use 1m, 5m, 1h or all.',
          allowed: ['1m', '5m', '1h'],
        },
      ],
    })
  })

  it('count in the size of a request', () => {
    const coins = Array.from({ length: 50 }, (_, index) => `C${index}`)
    const asked = { ...day, coins, intervals: ['1m', '5m'], from: '2024-01-01' }
    expect(pointersOf({ ...asked, to: afterHours(2000) })).toEqual([])
    expect(pointersOf({ ...asked, to: afterHours(2001) })).toEqual(['/confirmed'])
  })

  it('are part of what a request is', () => {
    const asked = { dataset: 'candles', intervals: ['1m'] }
    expect(canonical({ ...asked, intervals: ['5m'] })).not.toBe(canonical(asked))
    expect(canonical({ ...asked, intervals: ['1h', '5m', '1m'] })).toBe(
      canonical({ ...asked, intervals: ['all'] }),
    )
  })
})

describe('A reset', () => {
  it.each([
    ['all coins and intervals where none are named', {}, {}],
    ['all intervals of some coins', { coins: ['BTC'] }, { coins: ['BTC'] }],
    ['the same with the word all', { coins: ['BTC'], intervals: ['all'] }, { coins: ['BTC'] }],
    ['everything with the word all', { intervals: ['all'] }, {}],
    [
      'some intervals of some coins',
      { coins: ['BTC'], intervals: ['1m'] },
      { coins: ['BTC'], intervals: ['1m'] },
    ],
  ])('is of %s', (_, fields, value) => {
    const range = { from: Date.UTC(2025, 0, 1), to: Date.UTC(2025, 0, 2) }
    expect(reset(fields)).toEqual({ ok: true, value: { range, ...value } })
  })

  it.each([
    ['intervals of no coins', { intervals: ['1m'] }, '/coins'],
    ['an interval that does not exist', { coins: ['BTC'], intervals: ['2m'] }, '/intervals/0'],
    ['intervals of a dataset without', { dataset: 'hourly', intervals: ['all'] }, '/intervals'],
  ])('refuses %s', (_, fields, pointer) => {
    expect(reset(fields)).toMatchObject({ ok: false, errors: [{ pointer }] })
  })
})

describe('A canonical request', () => {
  it('is the same for coins in any order, repeated or not', () => {
    const names = fc.uniqueArray(fc.constantFrom('BTC', 'ETH', 'SOL', 'kPEPE', '@1'), {
      minLength: 1,
    })
    fc.assert(
      fc.property(names, fc.infiniteStream(fc.nat()), (coins, random) => {
        const shuffled = [...coins, ...coins].toSorted(() => ((random.next().value ?? 0) % 3) - 1)
        expect(canonical({ coins: shuffled })).toBe(canonical({ coins }))
      }),
    )
  })

  it.each([
    ['a coin', { coins: ['ETH'] }],
    ['upper and lower case', { coins: ['btc'] }],
    ['from', { from: '2025-01-01T01' }],
    ['to', { to: formatInstant(Date.UTC(2025, 0, 2) + DAY_MS) }],
    ['order', { order: 'newest-first' }],
    ['reprocess', { reprocess: 'all' }],
    ['onFailure', { onFailure: 'abort' }],
    ['concurrency', { concurrency: 5 }],
  ])('differs by %s', (_, change) => {
    expect(canonical(change)).not.toBe(canonical({}))
  })
})

describe('What a user wrote', () => {
  it('is quoted in messages without control characters, and cut', () => {
    const resolved = resolve({ from: `\u001b[31m${'x'.repeat(90)}`, to: '2025-01-02' })
    const detail = resolved.ok ? '' : (resolved.errors[0]?.detail ?? '')
    expect(detail).toMatch(/^"\\u001b\[31mx+…" is not a date/)
    expect(detail.length).toBeLessThan(250)
  })
})

describe('Hours of the day', () => {
  it('are sorted, each once, and part of what tells requests apart', () => {
    const range = { from: '2025-01-01', to: '2025-01-02' }
    const some = resolve({ ...range, hours: [7, 3, 7] })
    const all = resolve(range)
    if (!some.ok || !all.ok) throw new Error('refused')
    expect(some.value.hours).toEqual([3, 7])
    expect(canonicalRequest(some.value)).not.toBe(canonicalRequest(all.value))
    expect(all.value).not.toHaveProperty('hours')
  })

  it('are refused where a partition is a day', () => {
    const fields = { dataset: 'daily', coins: undefined, hours: [3] }
    const resolved = resolve({ ...fields, from: '2025-01-01', to: '2025-01-02' })
    expect(resolved).toMatchObject({ ok: false, errors: [{ pointer: '/hours' }] })
  })
})
