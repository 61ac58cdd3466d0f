import { describe, expect, it } from 'vitest'
import { ledgerRow } from './fake-ledger.ts'
import { finish, hour, openApi, REQUEST, type Api } from './open-api.ts'

async function start(api: Api, change: object = {}): Promise<string> {
  return (await api.post('/backfills', { ...REQUEST, ...change })).body.id
}

describe('The progress of a backfill', () => {
  it('leaves pauses out of the rate, also after the end', async () => {
    const api = openApi()
    const id = await start(api)
    for (let index = 0; index < 24; index += 1) {
      api.store.ledger.push(ledgerRow({ partition: hour(index), symbol: 'BTC', backfillId: id }))
    }
    await finish(api, id, 'incomplete')
    const record = api.store.backfills.get(id)
    if (!record?.ended) throw new Error('it has ended')
    const rate = async () => (await api.get(`/backfills/${id}`)).body.rate.objectsPerSecond
    expect(await rate()).toBe(0.4)
    await api.store.putBackfill({ ...record, ended: { ...record.ended, pausedMs: 48_000 } })
    expect(await rate()).toBe(2)
  })

  it('has as many objects as its partitions have together', async () => {
    const api = openApi()
    const id = await start(api, { dataset: 'test.halves', coins: ['BTC'] })
    const first = { dataset: 'test.halves', partition: hour(0), symbol: 'BTC' }
    api.store.ledger.push(
      ledgerRow({ ...first, object: `${hour(0)}/BTC-a` }),
      ledgerRow({ ...first, object: `${hour(0)}/BTC-b` }),
    )
    expect((await api.get(`/backfills/${id}`)).body).toMatchObject({ total: 48, remaining: 46 })
    const { body } = await api.get(
      '/coverage?dataset=test.halves&coins=BTC&from=2025-01-01&to=2025-01-02&detail=partitions',
    )
    expect(body).toMatchObject({ total: 48, unknown: 46, counts: { complete: 2 } })
    expect(body.days[0].states[0]).toBe('complete')
  })
})
