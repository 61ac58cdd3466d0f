import { describe, expect, it } from 'vitest'
import { finish, openApi, REQUEST, type Api } from './open-api.ts'

async function start(api: Api): Promise<string> {
  return (await api.post('/backfills', REQUEST)).body.id
}

describe('An open backfill', () => {
  it('is paused, resumed and cancelled, with and without a reason', async () => {
    const api = openApi()
    const id = await start(api)
    const answers = [
      await api.post(`/backfills/${id}/pause`, { reason: 'maintenance', by: 'ops' }),
      await api.post(`/backfills/${id}/resume`),
      await api.post(`/backfills/${id}/cancel`, { reason: 'wrong range' }),
    ]
    expect(answers.map((answer) => answer.status)).toEqual([202, 202, 202])
    expect(answers.map((answer) => answer.body.id)).toEqual([id, id, id])
    expect(api.runs.signals).toEqual([
      { id, name: 'pause', remark: { reason: 'maintenance', by: 'ops' } },
      { id, name: 'resume', remark: {} },
      { id, name: 'cancel', remark: { reason: 'wrong range' } },
    ])
  })

  it('is not retried', async () => {
    const api = openApi()
    const answer = await api.post(`/backfills/${await start(api)}/retry`)
    expect(answer).toMatchObject({ status: 409, body: { code: 'conflict', state: 'running' } })
    expect(api.runs.started).toHaveLength(1)
  })

  it.each([
    ['an unknown field', { why: 'x' }, '/why'],
    ['a reason that is too long', { reason: 'x'.repeat(501) }, '/reason'],
  ])('is not paused with %s', async (_, body, pointer) => {
    const api = openApi()
    const answer = await api.post(`/backfills/${await start(api)}/pause`, body)
    expect(answer).toMatchObject({ status: 422, body: { errors: [{ pointer }] } })
    expect(api.runs.signals).toEqual([])
  })
})

describe('A closed backfill', () => {
  it.each(['pause', 'resume', 'cancel'])('cannot %s: 409 names its state', async (verb) => {
    const api = openApi()
    const id = await start(api)
    await finish(api, id, 'incomplete')
    const answer = await api.post(`/backfills/${id}/${verb}`)
    expect(answer).toMatchObject({ status: 409, body: { code: 'conflict', state: 'incomplete' } })
    expect(api.runs.signals).toEqual([])
  })

  it('is retried as a new backfill over what it left open, linked to it', async () => {
    const api = openApi()
    const first = await api.post('/backfills', { ...REQUEST, reprocess: 'all' })
    await finish(api, first.body.id, 'incomplete')
    const answer = await api.post(`/backfills/${first.body.id}/retry`)
    expect(answer.status).toBe(202)
    expect(answer.headers.get('location')).toBe(`/backfills/${answer.body.id}`)
    expect(answer.body).toMatchObject({
      coins: ['BTC', 'ETH'],
      reprocess: 'incomplete',
      retryOf: first.body.id,
      state: 'running',
    })
    expect(answer.body.id).not.toBe(first.body.id)
    expect(api.runs.started[1]).toMatchObject({ retryOf: first.body.id, reprocess: 'incomplete' })
  })

  it('is retried once, however often it is asked', async () => {
    const api = openApi()
    const id = await start(api)
    await finish(api, id, 'cancelled')
    const retries = await Promise.all(
      Array.from({ length: 10 }, () => api.post(`/backfills/${id}/retry`)),
    )
    expect(new Set(retries.map((retry) => retry.body.id)).size).toBe(1)
    expect(api.runs.started).toHaveLength(2)
  })

  it('is retried after Temporal forgot it', async () => {
    const api = openApi()
    const id = await start(api)
    await finish(api, id, 'incomplete')
    api.runs.forget(id)
    expect(await api.post(`/backfills/${id}/retry`)).toMatchObject({
      status: 202,
      body: { retryOf: id },
    })
  })
})

describe('An unknown backfill', () => {
  it.each(['pause', 'resume', 'cancel', 'retry'])('cannot %s: 404', async (verb) => {
    const answer = await openApi().post(`/backfills/none/${verb}`)
    expect(answer).toMatchObject({ status: 404, body: { code: 'not_found' } })
  })
})
