import { describe, expect, it } from 'vitest'
import { ledgerRow } from './fake-ledger.ts'
import { finish, hour, openApi, REQUEST, type Api } from './open-api.ts'

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

  it('is changed while it runs, and only it', async () => {
    const api = openApi()
    const id = await start(api)
    const change = { concurrency: 8, priority: 4, maxFailedDays: null }
    expect(await api.patch(`/backfills/${id}`, change)).toMatchObject({ status: 200, body: { id } })
    expect(api.runs.changes).toEqual([{ id, change }])
    await finish(api, id, 'complete')
    const refused = await api.patch(`/backfills/${id}`, change)
    expect(refused).toMatchObject({ status: 409, body: { state: 'complete' } })
    expect(await api.patch('/backfills/unknown', change)).toMatchObject({ status: 404 })
  })

  it.each([
    [{}, ''],
    [{ priority: 9 }, '/priority'],
    [{ reprocess: 'all' }, '/reprocess'],
  ])('is not changed to %j', async (change, pointer) => {
    const api = openApi()
    const answer = await api.patch(`/backfills/${await start(api)}`, change)
    expect(answer).toMatchObject({ status: 422, body: { errors: [{ pointer }] } })
    expect(api.runs.changes).toEqual([])
  })

  it('is not changed while no worker would hear of it, and the answer says so', async () => {
    const api = openApi()
    const id = await start(api)
    api.runs.workers = { control: [], load: [] }
    const answer = await api.patch(`/backfills/${id}`, { priority: 4 })
    expect(answer).toMatchObject({ status: 503 })
    expect(answer.body.detail).toMatch(/no worker is running.*Nothing was changed/)
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

describe('While QuestDB is away, an open backfill', () => {
  it.each(['pause', 'resume', 'cancel'])('can %s all the same', async (verb) => {
    const api = openApi()
    const id = await start(api)
    api.store.away = true
    expect(await api.post(`/backfills/${id}/${verb}`)).toMatchObject({
      status: 202,
      body: { id, state: 'running', coins: ['BTC', 'ETH'], warnings: [] },
    })
    expect(api.runs.signals).toEqual([{ id, name: verb, remark: {} }])
  })

  it('that no worker runs is paused later, and the answer says so', async () => {
    const api = openApi()
    const id = await start(api)
    api.runs.workers = { control: [], load: [] }
    const { body } = await api.post(`/backfills/${id}/pause`)
    expect(body.warnings).toEqual([expect.stringContaining('no worker is running')])
  })
})

describe('A control that nobody could answer', () => {
  it('changed nothing when Temporal was away from the start, and says so', async () => {
    const api = openApi()
    const id = await start(api)
    api.runs.away = true
    const { body } = await api.post(`/backfills/${id}/cancel`)
    expect(body.detail).toContain('Nothing was changed.')
  })

  it('may still take effect when Temporal fell silent while it was sent, and says so', async () => {
    const api = openApi()
    const id = await start(api)
    const { cancel } = api.runs
    Object.assign(api.runs, {
      cancel: async (...args: Parameters<typeof cancel>) => {
        api.runs.away = true
        return await cancel(...args)
      },
    })
    const answer = await api.post(`/backfills/${id}/cancel`)
    expect(answer).toMatchObject({ status: 503, body: { code: 'temporal_unavailable' } })
    expect(answer.body.detail).toContain('may still take effect')
  })

  it('is not sent for a client that has gone', async () => {
    const api = openApi()
    const id = await start(api)
    const client = new AbortController()
    const { describe: ask } = api.runs
    Object.assign(api.runs, {
      describe: async (asked: string) => {
        client.abort()
        return await ask(asked)
      },
    })
    const init = { method: 'POST', signal: client.signal }
    const { body } = await api.send(`/backfills/${id}/cancel`, init)
    expect(body.detail).toContain('Nothing was changed.')
    expect(api.runs.signals).toEqual([])
  })
})

describe('A complete backfill', () => {
  it.each(['pause', 'resume', 'cancel'])(
    'cannot %s, and is not said to be retried',
    async (verb) => {
      const api = openApi()
      const id = await start(api)
      await finish(api, id, 'complete')
      const answer = await api.post(`/backfills/${id}/${verb}`)
      expect(answer).toMatchObject({ status: 409, body: { code: 'conflict', state: 'complete' } })
      expect(answer.body.detail).toBe(
        `Backfill ${id} is complete; there is nothing to ${verb}, and nothing to retry.`,
      )
    },
  )

  it('is not retried: 409 says what would load it again', async () => {
    const api = openApi()
    const id = await start(api)
    await finish(api, id, 'complete')
    const answer = await api.post(`/backfills/${id}/retry`)
    expect(answer).toMatchObject({ status: 409, body: { code: 'conflict', state: 'complete' } })
    expect(answer.body.detail).toMatch(/nothing to retry.*"changed" or "all"/)
    expect(api.runs.started).toHaveLength(1)
  })

  it('of which something was reset since is retried', async () => {
    const api = openApi()
    const id = await start(api)
    await finish(api, id, 'complete')
    api.store.ledger.push(ledgerRow({ partition: hour(0), symbol: 'BTC', state: 'reset' }))
    expect((await api.post(`/backfills/${id}/retry`)).status).toBe(202)
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
