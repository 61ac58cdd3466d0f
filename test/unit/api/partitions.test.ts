import { describe, expect, it } from 'vitest'
import { ledgerRow } from './fake-ledger.ts'
import { hour, openApi, REQUEST, type Api } from './open-api.ts'

async function start(api: Api, change: object = {}): Promise<string> {
  return (await api.post('/backfills', { ...REQUEST, ...change })).body.id
}

const pages = async (
  api: Api,
  path: string,
): Promise<{ partition: string; state: string; series: string }[]> => {
  const all = []
  for (let cursor = ''; ;) {
    const { body } = await api.get(`${path}${cursor}`)
    all.push(...body.partitions)
    if (body.next === null) return all
    cursor = `&cursor=${encodeURIComponent(body.next)}`
  }
}

describe('The partitions of a backfill', () => {
  it('are those of the hours it asks for, in its total as well', async () => {
    const api = openApi()
    const id = await start(api, { hours: [7, 3, 7] })
    expect((await api.get(`/backfills/${id}`)).body).toMatchObject({ hours: [3, 7], total: 4 })
    const all = await pages(api, `/backfills/${id}/partitions?limit=3`)
    expect(all.map(({ partition, series }) => `${partition} ${series}`)).toEqual([
      '2025-01-01T03 BTC',
      '2025-01-01T03 ETH',
      '2025-01-01T07 BTC',
      '2025-01-01T07 ETH',
    ])
    expect(api.runs.started[0]).toMatchObject({ hours: [3, 7] })
  })

  it('are every object in order, those without a ledger row as queued', async () => {
    const api = openApi()
    const id = await start(api)
    const minTs = hour(0) * 1000 + 123_456
    api.store.ledger.push(
      ledgerRow({ partition: hour(0), symbol: 'ETH', state: 'corrupt', reason: 'cut', minTs }),
      ledgerRow({ partition: hour(7), symbol: 'BTC', details: '{"samples":[]}' }),
    )
    const all = await pages(api, `/backfills/${id}/partitions?limit=7`)
    expect(all).toHaveLength(48)
    expect(all.slice(0, 3)).toEqual([
      {
        partition: '2025-01-01T00',
        series: 'BTC',
        object: `hourly/${hour(0)}/BTC`,
        state: 'queued',
      },
      expect.objectContaining({
        partition: '2025-01-01T00',
        series: 'ETH',
        state: 'corrupt',
        reason: 'cut',
        minTs: '2025-01-01T00:00:00.123456Z',
      }),
      expect.objectContaining({ partition: '2025-01-01T01', series: 'BTC', state: 'queued' }),
    ])
    const known = all.filter((row) => row.state !== 'queued')
    expect(known.map((row) => `${row.partition} ${row.series}`)).toEqual([
      '2025-01-01T00 ETH',
      '2025-01-01T07 BTC',
    ])
    expect(known[1]).toMatchObject({ rows: 10, etag: 'e', size: 100, details: { samples: [] } })
  })

  it('are all objects of a partition and coin, where it has several', async () => {
    const api = openApi()
    const id = await start(api, { dataset: 'test.halves', to: '2025-01-01T03' })
    const second = { partition: hour(0), symbol: 'BTC', object: `${hour(0)}/BTC-b` }
    api.store.ledger.push(ledgerRow({ dataset: 'test.halves', ...second }))
    const all = await pages(api, `/backfills/${id}/partitions?limit=5`)
    expect(all).toHaveLength(12)
    expect(all.slice(0, 3)).toMatchObject([
      { object: `${hour(0)}/BTC-a`, series: 'BTC', state: 'queued' },
      { object: `${hour(0)}/BTC-b`, series: 'BTC', state: 'complete' },
      { object: `${hour(0)}/ETH-a`, series: 'ETH', state: 'queued' },
    ])
    const queued = await pages(api, `/backfills/${id}/partitions?state=queued`)
    expect(queued).toHaveLength(11)
  })

  it('are filtered by state, page by page', async () => {
    const api = openApi()
    const id = await start(api)
    for (let index = 0; index < 10; index += 1) {
      const state = index < 5 ? 'missing' : 'complete'
      api.store.ledger.push(ledgerRow({ partition: hour(index), symbol: 'BTC', state }))
    }
    const missing = await pages(api, `/backfills/${id}/partitions?state=missing&limit=2`)
    expect(missing.map((row) => row.partition)).toEqual(
      [0, 1, 2, 3, 4].map((index) => `2025-01-01T0${index}`),
    )
    const queued = await pages(api, `/backfills/${id}/partitions?state=queued&limit=5`)
    expect(queued).toHaveLength(38)
    expect(new Set(queued.map((row) => row.state))).toEqual(new Set(['queued']))
  })

  it('of 200,000 objects come in bounded pages', async () => {
    const api = openApi()
    const coins = Array.from({ length: 40 }, (_, index) => `C${index}`)
    const id = await start(api, { coins, from: '2024-01-01T00', to: '2024-07-27T08' })
    const { body } = await api.get(`/backfills/${id}/partitions?limit=1000`)
    expect(body.partitions).toHaveLength(1000)
    expect(body.next).not.toBeNull()
  })

  it('refuses a state that no object can have', async () => {
    const api = openApi()
    const answer = await api.get(`/backfills/${await start(api)}/partitions?state=lost`)
    expect(answer.status).toBe(422)
    expect(answer.body.errors[0].allowed).toContain('queued')
  })
})
