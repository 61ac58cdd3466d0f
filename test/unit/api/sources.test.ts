import { keepToken } from '@backtide/config/tokens'
import { describe, expect, it } from 'vitest'
import { openApi } from './open-api.ts'

describe('/sources', () => {
  it('has every source once, with what it is and the datasets that use it', async () => {
    const { status, body } = await openApi().get('/sources')
    expect(status).toBe(200)
    expect(body.sources).toEqual([
      {
        kind: 's3',
        name: 'test-archive',
        bucket: 'b',
        region: 'us-east-1',
        requesterPays: true,
        datasets: [
          'test.hourly',
          'hyperliquid.l2_snapshot',
          'hyperliquid.market_data',
          'test.candles',
        ],
      },
      {
        kind: 'http',
        name: 'test-files',
        baseUrl: 'https://files.test/',
        checksums: true,
        datasets: ['test.halves'],
      },
    ])
  })

  it('answers while QuestDB and Temporal are away', async () => {
    const api = openApi()
    api.store.away = true
    api.runs.away = true
    expect((await api.get('/sources')).status).toBe(200)
  })

  it('needs the token, where there is one', async () => {
    const api = openApi({ tokens: [keepToken('tests', 'operate', 'a-token-of-the-tests')] })
    expect((await api.get('/sources')).status).toBe(401)
  })
})
