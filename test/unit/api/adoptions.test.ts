import { registry } from '@backtide/datasets/registry'
import { describe, expect, it } from 'vitest'
import { openApi } from './open-api.ts'

const progress = {
  dryRun: false,
  days: 3,
  daysDone: 3,
  rows: 12,
  duplicates: 2,
  objects: 3,
  keptAs: 'market_data_adopted',
}

function api(standing: 'adoptable' | 'other' = 'adoptable') {
  const opened = openApi({}, registry)
  opened.store.standing.set('market_data', standing)
  return opened
}

const errors = (detail: RegExp) => ({
  status: 422,
  body: { errors: [{ pointer: '/table', detail: expect.stringMatching(detail) }] },
})

describe('An adoption', () => {
  it('is started once at a time, and told as far as it is', async () => {
    const { post, get, runs } = api()
    const body = { table: 'market_data', dryRun: true }
    expect(await post('/adoptions', body)).toMatchObject({
      status: 202,
      body: { state: 'running', dryRun: true, rows: 0 },
    })
    expect(runs.adopted).toMatchObject([body])
    expect(await post('/adoptions', { table: 'market_data' })).toMatchObject({
      status: 409,
      body: { code: 'loading', ids: ['adopt/market_data'] },
    })
    runs.adoptions.set('market_data', { state: 'done', progress })
    expect((await get('/adoptions/market_data')).body).toMatchObject({ state: 'done', ...progress })
    runs.adoptions.set('market_data', { state: 'failed', reason: 'somebody writes to it' })
    expect((await get('/adoptions/market_data')).body).toMatchObject({
      state: 'failed',
      reason: 'somebody writes to it',
    })
  })

  it('is refused where there is no table of somebody else, or one of another shape', async () => {
    const { post, get, runs } = api('other')
    expect(await post('/adoptions', { table: 'market_data' })).toMatchObject(
      errors(/other columns.*RENAME TABLE 'market_data'/),
    )
    expect(await post('/adoptions', { table: 'l2_snapshot' })).toMatchObject(
      errors(/nothing is to be taken over/),
    )
    expect(await post('/adoptions', { table: 'nope' })).toMatchObject(errors(/has no table "nope"/))
    expect(await get('/adoptions/market_data')).toMatchObject({ status: 404 })
    expect(runs.adopted).toEqual([])
  })
})
