import type { BackfillProgress } from '@backtide/core/backfill'
import { describe, expect, it } from 'vitest'
import { ledgerRow } from './fake-ledger.ts'
import { finish, hour, openApi, REQUEST, type Api } from './open-api.ts'

async function start(api: Api, change: object = {}): Promise<string> {
  return (await api.post('/backfills', { ...REQUEST, ...change })).body.id
}

function progress(change: Partial<BackfillProgress> = {}): BackfillProgress {
  const days = { total: 1, planned: 1, done: 0, failed: 0, deferred: 0 }
  return { phase: 'running', days, inFlight: [], counts: {}, rows: 0, concurrency: 4, ...change }
}

describe('The status of a backfill', () => {
  it('is the ledger over its range and coins, with rate and time left', async () => {
    const api = openApi()
    const id = await start(api)
    for (let index = 0; index < 12; index += 1) {
      api.store.ledger.push(ledgerRow({ partition: hour(index), symbol: 'BTC', backfillId: id }))
    }
    api.store.ledger.push(
      ledgerRow({ partition: hour(1), symbol: 'SOL' }),
      ledgerRow({ partition: hour(25), symbol: 'BTC' }),
      ledgerRow({ partition: hour(1), symbol: 'BTC', dataset: 'test.other', object: 'o' }),
    )
    api.runs.progressOf = () => progress({ counts: { complete: 12 }, rows: 120 })
    api.pass(6_000)
    expect((await api.get(`/backfills/${id}`)).body).toMatchObject({
      state: 'running',
      total: 48,
      counts: { complete: 12 },
      remaining: 36,
      rows: 120,
      bytes: 1200,
      rate: { objectsPerSecond: 2, rowsPerSecond: 20 },
      etaSeconds: 18,
      seconds: 6,
      workers: 1,
      warnings: [],
    })
  })

  it('counts failed objects of an earlier backfill as still to do', async () => {
    const api = openApi()
    for (let index = 0; index < 24; index += 1) {
      for (const symbol of REQUEST.coins) {
        const state = index < 5 ? 'failed' : 'complete'
        api.store.ledger.push(ledgerRow({ partition: hour(index), symbol, state }))
      }
    }
    const id = await start(api)
    api.runs.progressOf = () => progress({ counts: { failed: 4 } })
    expect((await api.get(`/backfills/${id}`)).body).toMatchObject({ total: 48, remaining: 6 })
  })

  it.each(['pending', 'reset', 'unverified'] as const)(
    'counts %s objects of an earlier backfill as still to do',
    async (state) => {
      const api = openApi()
      for (let index = 0; index < 24; index += 1) {
        for (const symbol of REQUEST.coins) {
          const row = { partition: hour(index), symbol }
          api.store.ledger.push(ledgerRow(index < 5 ? { ...row, state } : row))
        }
      }
      const id = await start(api)
      api.runs.progressOf = () => progress({ counts: {} })
      expect((await api.get(`/backfills/${id}`)).body).toMatchObject({ remaining: 10 })
    },
  )

  it('of one that loads all again counts what it has touched itself', async () => {
    const api = openApi()
    const id = await start(api, { reprocess: 'all', coins: ['BTC'] })
    for (let index = 0; index < 24; index += 1) {
      const backfillId = index < 10 ? id : 'earlier'
      api.store.ledger.push(ledgerRow({ partition: hour(index), symbol: 'BTC', backfillId }))
    }
    expect((await api.get(`/backfills/${id}`)).body).toMatchObject({
      counts: { complete: 24 },
      remaining: 14,
      rows: 240,
      own: { objects: 10, rows: 100 },
    })
  })

  it('of one that looks again at what is missing counts what is missing and open', async () => {
    const api = openApi()
    for (let index = 0; index < 24; index += 1) {
      const row = { partition: hour(index), symbol: 'BTC' }
      const state = index < 6 ? 'missing' : index < 8 ? 'corrupt' : 'complete'
      api.store.ledger.push(ledgerRow({ ...row, state }))
    }
    const id = await start(api, { reprocess: 'missing', coins: ['BTC'] })
    api.runs.progressOf = () => progress({ counts: { missing: 2 } })
    expect((await api.get(`/backfills/${id}`)).body).toMatchObject({ remaining: 4 })
  })

  it('is paused when the run says so, with its reason', async () => {
    const api = openApi()
    const id = await start(api)
    api.runs.progressOf = () => progress({ phase: 'paused', paused: { reason: 'disk full' } })
    const { body } = await api.get(`/backfills/${id}`)
    expect(body).toMatchObject({ state: 'paused', reason: 'disk full', etaSeconds: null })
  })

  it('answers with no worker running, and says so', async () => {
    const api = openApi()
    const id = await start(api)
    api.runs.workers = { control: [], load: [] }
    const { status, body } = await api.get(`/backfills/${id}`)
    expect(status).toBe(200)
    expect(body).toMatchObject({ state: 'running', workers: 0, total: 48 })
    expect(body.warnings).toEqual([expect.stringContaining('no worker is running')])
  })

  it('answers when no worker answers in time, and says so', async () => {
    const api = openApi()
    const id = await start(api)
    const { body } = await api.get(`/backfills/${id}`)
    expect(body.warnings).toEqual([expect.stringContaining('no worker answered in time')])
  })

  it('answers while Temporal is away, and says so', async () => {
    const api = openApi()
    const id = await start(api)
    api.runs.away = true
    const { status, body } = await api.get(`/backfills/${id}`)
    expect(status).toBe(200)
    expect(body).toMatchObject({ state: 'running', workers: null })
    expect(body.warnings).toEqual([expect.stringContaining('Temporal does not answer')])
  })

  it('stays what it was at the end, also after Temporal forgot the run', async () => {
    const api = openApi()
    const id = await start(api)
    await finish(api, id, 'incomplete')
    api.runs.forget(id)
    api.runs.away = true
    expect((await api.get(`/backfills/${id}`)).body).toMatchObject({
      state: 'incomplete',
      counts: { complete: 40, failed: 8 },
      remaining: 0,
      rows: 480,
      seconds: 60,
      endedAt: '2026-11-21T12:31:00Z',
      warnings: [],
    })
  })

  it('of another namespace is left alone: this Temporal would not know its run', async () => {
    const api = openApi()
    const record = api.store.backfills.get(await start(api))
    if (!record) throw new Error('nothing was recorded')
    await api.store.putBackfill({ ...record, id: 'elsewhere', namespace: 'other' })
    const { body } = await api.get('/backfills/elsewhere')
    expect(body).toMatchObject({ state: 'running', workers: null })
    expect(body.warnings.join()).toContain('namespace other')
    expect(api.store.backfills.get('elsewhere')?.ended).toBeUndefined()
  })

  it('of a run that Temporal lost is terminated, and is recorded so', async () => {
    const api = openApi()
    const id = await start(api)
    api.store.ledger.push(ledgerRow({ partition: hour(0), symbol: 'BTC' }))
    api.runs.forget(id)
    const { body } = await api.get(`/backfills/${id}`)
    expect(body).toMatchObject({ state: 'terminated', counts: { complete: 1 }, remaining: 47 })
    expect(api.store.backfills.get(id)?.ended?.outcome).toBe('terminated')
  })

  it('of a run whose end was not recorded is the real end', async () => {
    const api = openApi()
    const id = await start(api)
    api.runs.close(id, 'completed', { outcome: 'complete', counts: { complete: 48 }, rows: 99 })
    expect((await api.get(`/backfills/${id}`)).body).toMatchObject({ state: 'complete', rows: 99 })
    expect(api.store.backfills.get(id)?.ended).toMatchObject({ outcome: 'complete', rows: 99 })
  })

  it('is the end in the table when that came while Temporal was asked', async () => {
    const api = openApi()
    const id = await start(api)
    const open = api.store.backfills.get(id)
    await finish(api, id, 'incomplete')
    api.runs.close(id, 'failed', { outcome: 'failed' })
    const { findBackfill } = api.store
    let asked = 0
    Object.assign(api.store, {
      findBackfill: async (wanted: string) => {
        asked += 1
        return asked === 1 ? open : await findBackfill(wanted)
      },
    })
    expect((await api.get(`/backfills/${id}`)).body.state).toBe('incomplete')
  })

  it('is known from Temporal alone when nobody wrote its row yet', async () => {
    const api = openApi()
    const id = await start(api)
    api.store.backfills.clear()
    expect((await api.get(`/backfills/${id}`)).body).toMatchObject({
      id,
      state: 'running',
      total: 48,
    })
  })
})

describe('The list of backfills', () => {
  it('is newest first, page by page, and loses none created in one millisecond', async () => {
    const api = openApi()
    const created: string[] = []
    for (let index = 0; index < 9; index += 1) {
      created.unshift(await start(api, { coins: [`C${index}`] }))
      if (index % 4 === 0) api.pass(1)
    }
    const seen: string[] = []
    const times: number[] = []
    let cursor = ''
    for (let page = 0; page < 20; page += 1) {
      const { body } = await api.get(`/backfills?limit=2${cursor}`)
      seen.push(...body.backfills.map((item: { id: string }) => item.id))
      times.push(...body.backfills.map((item: { createdAt: string }) => Date.parse(item.createdAt)))
      if (body.next === null) break
      cursor = `&cursor=${encodeURIComponent(body.next)}`
    }
    expect(seen).toHaveLength(9)
    expect(seen.toSorted()).toEqual(created.toSorted())
    expect(times).toEqual(times.toSorted((a, b) => b - a))
    expect(new Set(times).size).toBe(3)
  })

  it('is filtered by state', async () => {
    const api = openApi()
    const done = await start(api)
    await finish(api, done, 'complete')
    const open = await start(api, { coins: ['SOL'] })
    const ids = async (state: string) => {
      const { body } = await api.get(`/backfills?state=${state}`)
      return body.backfills.map((item: { id: string }) => item.id)
    }
    expect(await ids('complete')).toEqual([done])
    expect(await ids('running')).toEqual([open])
    expect(await ids('failed')).toEqual([])
  })

  it('answers with no worker and with Temporal away', async () => {
    const api = openApi()
    await start(api)
    api.runs.workers = { control: [], load: [] }
    expect((await api.get('/backfills')).body.backfills).toHaveLength(1)
    api.runs.away = true
    const { status, body } = await api.get('/backfills')
    expect(status).toBe(200)
    expect(body.backfills).toHaveLength(1)
    expect(body.warnings).toEqual([expect.stringContaining('Temporal does not answer')])
  })

  it.each([
    ['limit=0', '/limit'],
    ['limit=201', '/limit'],
    ['state=done', '/state'],
    ['cursor=nonsense', '/cursor'],
    ['page=2', '/page'],
  ])('refuses ?%s by name', async (query, pointer) => {
    const answer = await openApi().get(`/backfills?${query}`)
    expect(answer).toMatchObject({ status: 422, body: { errors: [{ pointer }] } })
  })
})
