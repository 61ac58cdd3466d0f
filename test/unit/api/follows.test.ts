import { DAY_MS, HOUR_MS } from '@backtide/core/range'
import { describe, expect, it } from 'vitest'
import { NOW, openApi, type Api } from './open-api.ts'

const BODY = { dataset: 'test.hourly', coins: ['ETH', 'BTC'] }

async function followed(api: Api, body: object = BODY): Promise<string> {
  const answer = await api.post('/follows', body)
  expect(answer).toMatchObject({ status: 202 })
  expect(answer.headers.get('location')).toBe(`/follows/${answer.body.id}`)
  return answer.body.id
}

describe('What is followed', () => {
  it('is looked at every hour and back to seven days ago, unless told otherwise', async () => {
    const api = openApi()
    const id = await followed(api)
    expect(id).toMatch(/^follow\.test\.hourly\.[0-9a-f]{8}$/)
    expect(api.follows.known.get(id)?.input).toMatchObject({
      followId: id,
      dataset: 'test.hourly',
      coins: ['BTC', 'ETH'],
      from: Math.floor(NOW / DAY_MS) * DAY_MS - 7 * DAY_MS,
      everyMs: HOUR_MS,
      recentDays: 7,
      indexed: true,
    })
    const { body } = await api.get(`/follows/${id}`)
    expect(body).toMatchObject({ id, every: '1h', paused: false, turns: 0, lastTurn: null })
  })

  it('is one for the same coins, and changed when it is asked for again', async () => {
    const api = openApi()
    const id = await followed(api)
    const again = {
      dataset: 'test.hourly',
      coins: ['BTC', 'ETH'],
      from: '2025-01-01',
      every: '15m',
    }
    expect(await followed(api, again)).toBe(id)
    expect(api.follows.known.get(id)?.input).toMatchObject({
      from: Date.UTC(2025, 0, 1),
      everyMs: 900_000,
    })
    expect(await followed(api, { ...BODY, coins: ['BTC'] })).not.toBe(id)
    expect((await api.get('/follows')).body.follows).toHaveLength(2)
  })

  it('says what its last turn did', async () => {
    const api = openApi()
    const id = await followed(api)
    const known = api.follows.known.get(id)
    if (!known) throw new Error('it is not known')
    const lastTurn = { workflowId: `${id}-turn`, at: NOW }
    api.follows.known.set(id, { ...known, turns: 1, lastTurn })
    const parts = [{ why: 'newest', backfillId: `${id}.newest`, outcome: 'complete' }] as const
    api.follows.turnsOf.set(lastTurn.workflowId, {
      state: 'completed',
      endedAt: NOW,
      result: { parts },
    })
    expect((await api.get(`/follows/${id}`)).body.lastTurn).toMatchObject({
      id: lastTurn.workflowId,
      state: 'completed',
      parts,
    })
    api.follows.turnsOf.clear()
    expect((await api.get(`/follows/${id}`)).body.lastTurn).toMatchObject({
      state: 'unknown',
      parts: [],
    })
  })

  it('is paused with a note, resumed and removed', async () => {
    const api = openApi()
    const id = await followed(api)
    expect(await api.post(`/follows/${id}/pause`, { reason: 'maintenance' })).toMatchObject({
      status: 202,
      body: { paused: true, note: 'maintenance', nextAt: null },
    })
    expect(await api.post(`/follows/${id}/resume`)).toMatchObject({
      status: 202,
      body: { paused: false, turns: 1 },
    })
    expect(await api.send(`/follows/${id}`, { method: 'DELETE' })).toMatchObject({ status: 200 })
    expect(await api.get(`/follows/${id}`)).toMatchObject({ status: 404 })
    for (const path of [`/follows/${id}/pause`, '/follows/x%2Fy/resume']) {
      expect(await api.post(path)).toMatchObject({ status: 404 })
    }
  })

  it.each([
    [{ dataset: 'test.nothing' }, '/dataset'],
    [{ dataset: 'test.hourly' }, '/coins'],
    [{ ...BODY, every: '1y' }, '/every'],
    [{ ...BODY, every: '8d' }, '/every'],
    [{ ...BODY, from: '2030-01-01' }, '/from'],
    [{ ...BODY, recentDays: 32 }, '/recentDays'],
    [{ ...BODY, to: '2026-01-01' }, '/to'],
  ])('is refused as %j', async (body, pointer) => {
    const answer = await openApi().post('/follows', body)
    expect(answer).toMatchObject({ status: 422 })
    expect(answer.body.errors.map((error: { pointer: string }) => error.pointer)).toContain(pointer)
  })
})
