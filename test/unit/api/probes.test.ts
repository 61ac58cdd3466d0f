import { describe, expect, it } from 'vitest'
import { NOW, openApi } from './open-api.ts'

describe('POST /probes', () => {
  it('has a worker look through recent partitions, and gives what a backfill needs', async () => {
    const api = openApi()
    const { status, body } = await api.post('/probes', { dataset: 'test.hourly', coin: 'ATOM' })
    expect(status).toBe(200)
    expect(body).toEqual({
      dataset: 'test.hourly',
      coins: ['ATOM'],
      from: '2026-10-31T12:00:00Z',
      to: '2026-10-31T13:00:00Z',
      partition: '2026-10-31T12',
      object: 'o/ATOM.lz4',
      size: 1_200,
      usd: 0,
    })
    const [asked] = api.runs.probed
    expect(asked).toMatchObject({ dataset: 'test.hourly', symbol: 'ATOM' })
    expect(asked?.starts).toHaveLength(10)
    expect(asked?.starts[0]).toBe(Date.UTC(2026, 10, 20, 12))
    expect(asked?.starts.every((at) => at < NOW)).toBe(true)
  })

  it('asks for a day of all coins, or a coin at an interval, where objects hold these', async () => {
    const api = openApi()
    await api.post('/probes', { dataset: 'hyperliquid.market_data' })
    await api.post('/probes', { dataset: 'test.candles', coin: 'BTC', interval: '1h' })
    expect(api.runs.probed.map(({ symbol }) => symbol)).toEqual(['*', 'BTC 1h'])
  })

  it('says why there is none: 409; a request that is wrong is 422', async () => {
    const api = openApi()
    const asked = { dataset: 'test.hourly', coin: 'ATOM' }
    api.runs.probeFinds = { reason: 'nothing is there' }
    expect(await api.post('/probes', asked)).toMatchObject({
      status: 409,
      body: { detail: 'No object was found: nothing is there.' },
    })
    api.runs.probeFinds = undefined
    expect((await api.post('/probes', asked)).body.detail).toContain('no worker')
    for (const body of [{ dataset: 'nobody' }, { dataset: 'test.hourly' }, { ...asked, more: 1 }]) {
      expect((await api.post('/probes', body)).status).toBe(422)
    }
  })
})
