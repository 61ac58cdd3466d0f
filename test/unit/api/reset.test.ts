import { describe, expect, it } from 'vitest'
import { ledgerRow } from './fake-ledger.ts'
import { hour, NOW, openApi, REQUEST } from './open-api.ts'

const DAY = { dataset: 'test.hourly', from: REQUEST.from, to: REQUEST.to }

describe('POST /ledger/reset', () => {
  it('forgets what is known of the objects of the range, and says what they were', async () => {
    const { api, states } = openLoaded()
    const answer = await api.post('/ledger/reset', { ...DAY, by: 'ann', reason: 'day dropped' })
    expect(answer).toMatchObject({ status: 200, body: { reset: 4, complete: 3, dryRun: false } })
    expect(answer.body.objects[0]).toEqual({
      dataset: 'test.hourly',
      object: `hourly/${hour(3)}/BTC`,
      partition: '2025-01-01T03:00:00Z',
      series: 'BTC',
      state: 'complete',
    })
    expect(states()).toEqual(['reset', 'reset', 'reset', 'reset', 'complete'])
    const { minTs, maxTs } = window(hour(3))
    const before = ledgerRow({ partition: hour(3), symbol: 'BTC', minTs, maxTs })
    const cleared = { etag: '', contentHash: '', size: 0, lines: 0, rows: 0, distinctRows: 0 }
    const note = { reason: 'reset by ann: day dropped', backfillId: '', checkedAt: NOW }
    expect(api.store.ledger[0]).toEqual({ ...before, ...cleared, ...note, state: 'reset' })
  })

  it('takes the hour after the range whose first rows are stamped in it', async () => {
    const { api } = openLoaded()
    const { body } = await api.post('/ledger/reset', DAY)
    expect(body.objects.at(-1).partition).toBe('2025-01-02T00:00:00Z')
  })

  it('takes only the coins that are named', async () => {
    const { api, states } = openLoaded()
    const answer = await api.post('/ledger/reset', { ...DAY, coins: ['ETH'] })
    expect(answer.body).toMatchObject({ reset: 1 })
    expect(states()).toEqual(['complete', 'reset', 'missing', 'complete', 'complete'])
  })

  it('takes the other datasets of the table, whole where their objects hold all coins', async () => {
    const { api } = openLoaded()
    const others = [
      { dataset: 'hyperliquid.l2_snapshot', symbol: 'BTC' },
      { dataset: 'hyperliquid.l2_snapshot', symbol: 'ETH' },
      { dataset: 'hyperliquid.market_data', symbol: '*' },
    ]
    api.store.ledger.push(...others.map((other) => ledgerRow({ partition: hour(0), ...other })))
    const { body } = await api.post('/ledger/reset', { ...DAY, coins: ['ETH'] })
    const reset = body.objects as { dataset: string; series: string }[]
    expect(reset.map(({ dataset, series }) => [dataset, series])).toEqual([
      ['test.hourly', 'ETH'],
      ['hyperliquid.l2_snapshot', 'ETH'],
      ['hyperliquid.market_data', '*'],
    ])
  })

  it('only says what it would do with dryRun, also while the range is being loaded', async () => {
    const { api, states } = openLoaded()
    api.runs.loading = ['load/t/2025-01-01']
    const answer = await api.post('/ledger/reset', { ...DAY, dryRun: true })
    expect(answer.body).toMatchObject({ reset: 4, dryRun: true })
    expect(states()).not.toContain('reset')
  })

  it.each([
    ['a day of the range', 'load/t/2025-01-01'],
    ['the day after, whose first rows are in it', 'load/t/2025-01-02'],
  ])('refuses while %s is being loaded, and names the load', async (_, id) => {
    const { api, states } = openLoaded()
    api.runs.loading = [id, 'load/t/2025-01-03', 'load/other/2025-01-01']
    const answer = await api.post('/ledger/reset', DAY)
    expect(answer).toMatchObject({ status: 409, body: { code: 'loading', ids: [id] } })
    expect(answer.body.detail).toContain(`${id} is running; pause its backfill`)
    expect(states()).not.toContain('reset')
  })

  it.each([
    ['an unknown dataset', { dataset: 'test.none' }, '/dataset'],
    ['a range within an hour', { from: '2025-01-01T00:30' }, '/from'],
    ['a range backwards', { to: '2025-01-01' }, '/to'],
    ['no coin at all', { coins: [] }, '/coins'],
    [
      'coins where objects hold all of them',
      { dataset: 'hyperliquid.market_data', coins: ['BTC'] },
      '/coins',
    ],
    ['an unknown field', { force: true }, '/force'],
  ])('refuses %s by its name', async (_, change, pointer) => {
    const { api, states } = openLoaded()
    const answer = await api.post('/ledger/reset', { ...DAY, ...change })
    expect(answer).toMatchObject({ status: 422, body: { errors: [{ pointer }] } })
    expect(states()).not.toContain('reset')
  })

  it('names a hundred objects at most', async () => {
    const api = openApi()
    for (let index = 0; index < 150; index += 1) {
      api.store.ledger.push(ledgerRow({ partition: hour(index % 24), symbol: `C${index}` }))
    }
    const { body } = await api.post('/ledger/reset', DAY)
    expect([body.reset, body.objects.length]).toEqual([150, 100])
  })
})

/** A ledger of one day and the first hours of the next. */
function openLoaded() {
  const api = openApi()
  api.store.ledger.push(
    loaded(hour(3), 'BTC'),
    loaded(hour(3), 'ETH'),
    ledgerRow({ partition: hour(4), symbol: 'BTC', state: 'missing', distinctRows: 0 }),
    loaded(hour(24), 'BTC'),
    loaded(hour(25), 'BTC'),
  )
  return { api, states: () => api.store.ledger.map(({ state }) => state) }
}

function loaded(partition: number, symbol: string) {
  return ledgerRow({ partition, symbol, ...window(partition) })
}

/** An hour whose first row is stamped in the hour before, microseconds. */
function window(partition: number) {
  return { minTs: partition * 1_000 - 350_000, maxTs: partition * 1_000 + 3_590_000_000 }
}
