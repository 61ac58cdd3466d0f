import { compareClocks, examine } from '@backtide/core/finding'
import { describe, expect, it } from 'vitest'
import { NOW, openApi, type Api } from './open-api.ts'

async function findingsOf(api: Api, group: string) {
  const { status, body } = await api.get('/doctor')
  expect(status).toBe(200)
  const groups = body.groups as {
    group: string
    findings: { check: string; state: string; detail: string; fix?: string }[]
  }[]
  return groups.find((one) => one.group === group)?.findings ?? []
}

async function faultsOf(api: Api, group: string) {
  return (await findingsOf(api, group)).filter(({ state }) => state !== 'ok')
}

describe('GET /doctor', () => {
  it('finds nothing where all is well', async () => {
    const api = openApi()
    api.store.questdb = { ...api.store.questdb, settings: new Map([['readonly', 'false']]) }
    const { body } = await api.get('/doctor')
    expect(body.ok).toBe(true)
    for (const group of ['API', 'Temporal', 'workers'])
      expect(await faultsOf(api, group)).toEqual([])
    expect(await findingsOf(api, 'QuestDB')).toContainEqual({
      check: 'version',
      state: 'ok',
      detail: 'QuestDB 9.3.4',
    })
  })

  it('says what is away and where to look, and looks at the rest all the same', async () => {
    const api = openApi()
    api.store.away = true
    const { body } = await api.get('/doctor')
    expect(body.ok).toBe(false)
    expect(await findingsOf(api, 'QuestDB')).toContainEqual({
      check: 'connection',
      state: 'down',
      detail: 'connect ECONNREFUSED 127.0.0.1:9000',
      fix: 'look at the process of QuestDB and its log; check QDB_CLIENT_CONF',
    })
    expect(await faultsOf(api, 'Temporal')).toEqual([])
    expect(await faultsOf(api, 'workers')).toEqual([])
    const other = openApi()
    other.runs.away = true
    expect(await faultsOf(other, 'Temporal')).toMatchObject([
      { check: 'connection', state: 'down' },
    ])
  })

  it('names a suspended table with the statement that resumes it', async () => {
    const api = openApi()
    const suspended = [{ table: 'l2_book_all', error: 'No space left on device', transaction: 12 }]
    api.store.questdb = { ...api.store.questdb, suspended }
    expect(await faultsOf(api, 'QuestDB')).toContainEqual({
      check: 'tables',
      state: 'down',
      detail:
        'l2_book_all is suspended at transaction 12 (No space left on device): nothing is sent to it',
      fix: 'mend the cause, then ALTER TABLE "l2_book_all" RESUME WAL',
    })
    expect((await api.get('/doctor')).body.ok).toBe(false)
  })

  it('finds an old version, a setting that lets nothing be written, a clock that is off, and a backlog', async () => {
    const api = openApi()
    api.store.questdb = {
      build: 'Build Information: QuestDB 8.1.0, JDK 17',
      now: NOW - 600_000,
      settings: new Map([['cairo.wal.apply.enabled', 'false']]),
      suspended: [],
      behind: { table: 'trades_all', transactions: 5_000 },
    }
    const faults = await faultsOf(api, 'QuestDB')
    expect(faults.map(({ check, state }) => [check, state])).toEqual(
      expect.arrayContaining([
        ['version', 'down'],
        ['clock of QuestDB', 'warning'],
        ['settings', 'down'],
        ['tables', 'warning'],
      ]),
    )
    expect(faults.find(({ check }) => check === 'clock of QuestDB')?.detail).toBe(
      'its clock is 600 s behind the clock here',
    )
  })

  it('finds a namespace that forgets soon, and search attributes that are not registered', async () => {
    const api = openApi()
    api.runs.temporal = { version: '1', retentionMs: 3_600_000, missing: ['BacktideDay'] }
    expect(await faultsOf(api, 'Temporal')).toMatchObject([
      { check: 'namespace', fix: expect.stringContaining('--retention 72h') as string },
      { check: 'search attributes', fix: expect.stringContaining('BacktideDay') as string },
    ])
  })

  it('says plainly that no worker could look at the sources', async () => {
    const none = openApi()
    none.runs.workers = { control: [], load: [] }
    expect(await findingsOf(none, 'workers')).toMatchObject([
      { check: 'workers', state: 'down', fix: expect.stringContaining('npm start') as string },
      {
        check: 'sources',
        state: 'unknown',
        detail: expect.stringContaining('none answers') as string,
      },
    ])
    const busy = openApi()
    busy.runs.found = undefined
    expect(await faultsOf(busy, 'workers')).toMatchObject([
      { check: 'sources', state: 'unknown', detail: expect.stringContaining('in time') as string },
    ])
  })

  it('passes on what a worker found, and that it is of another version', async () => {
    const api = openApi()
    api.runs.found = [
      { check: 'version', state: 'ok', detail: 'Backtide 0.0.1, Node v20' },
      { check: 'disk', state: 'warning', detail: 'full', fix: 'make room' },
    ]
    expect(await faultsOf(api, 'workers')).toMatchObject([
      { check: 'version', fix: 'run API and workers of one version' },
      { check: 'disk', detail: 'full', fix: 'make room' },
    ])
  })

  it('finds prices that are older than a year', async () => {
    const api = openApi()
    expect(await faultsOf(api, 'API')).toEqual([])
    const later = openApi()
    later.pass(400 * 86_400_000)
    expect(await faultsOf(later, 'API')).toMatchObject([{ check: 'prices', state: 'warning' }])
  })

  it('is one examination for all who ask within some seconds', async () => {
    const api = openApi()
    const first = (await api.get('/doctor')).body
    api.store.away = true
    expect((await api.get('/doctor')).body).toEqual(first)
  })
})

function saysNothing(): Promise<never> {
  return new Promise(() => undefined)
}

describe('A check', () => {
  it('that says nothing ends at its deadline', async () => {
    expect(await examine('x', saysNothing, { state: 'down', fix: 'y', withinMs: 20 })).toEqual([
      { check: 'x', state: 'down', fix: 'y', detail: 'no answer in 0.02 s' },
    ])
  })

  it('that fails says why, as what is below it says', async () => {
    const cause = new Error('getaddrinfo ENOTFOUND archive')
    const fails = () => Promise.reject(new TypeError('fetch failed', { cause }))
    expect(await examine('x', fails)).toEqual([
      { check: 'x', state: 'unknown', detail: 'getaddrinfo ENOTFOUND archive' },
    ])
  })
})

describe('Two clocks', () => {
  it.each([
    [NOW, 'ok'],
    [NOW + 4_000, 'ok'],
    [NOW + 15_000, 'warning'],
    [NOW - 15_000, 'warning'],
  ])('of which one says %i are %s', (theirs, state) => {
    expect(compareClocks('clock', { theirs, before: NOW - 100, after: NOW })).toMatchObject({
      state,
    })
  })
})
