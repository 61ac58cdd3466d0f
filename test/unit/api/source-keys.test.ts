import { registry } from '@backtide/datasets/registry'
import { describe, expect, it } from 'vitest'
import { openApi } from './open-api.ts'

const VARIABLE = 'BACKTIDE_COINMARKETCAP_KEY'
const BODY = { dataset: 'coinmarketcap.fear_greed', from: '2026-01-01', to: '2026-02-01' }

async function listed(sourceKeys: readonly string[]) {
  const { body } = await openApi({ sourceKeys }, registry).get('/datasets')
  const datasets = body.datasets as readonly { readonly id: string; readonly off?: string }[]
  expect(datasets.filter(({ id, off }) => off && id !== BODY.dataset)).toEqual([])
  return datasets.find(({ id }) => id === BODY.dataset)
}

describe('A dataset of a venue that asks for a key', () => {
  it('is off without one: a request is 422 and says what to set', async () => {
    const api = openApi({}, registry)
    const answer = await api.post('/backfills', BODY)
    expect(answer).toMatchObject({ status: 422, body: { errors: [{ pointer: '/dataset' }] } })
    expect(answer.body.errors[0].detail).toContain(`set ${VARIABLE}, or ${VARIABLE}_FILE`)
    expect(api.runs.started).toEqual([])
  })

  it('says so in the list of datasets, and shows no key of its source', async () => {
    expect((await listed([]))?.off).toContain(VARIABLE)
    const on = await listed([VARIABLE])
    expect(on).not.toHaveProperty('off')
    expect(on).not.toHaveProperty('source.key')
  })

  it('is loaded with one', async () => {
    const api = openApi({ sourceKeys: [VARIABLE] }, registry)
    expect((await api.post('/backfills', BODY)).status).toBe(202)
    expect(api.runs.started).toMatchObject([{ symbols: ['*'], table: 'market_data' }])
  })
})
