import type { Gap } from '@backtide/store/ledger/find-gaps'
import { describe, expect, it } from 'vitest'
import { hour, NOW, openApi } from './open-api.ts'

const DAY = 'dataset=test.hourly&coins=BTC,ETH&from=2025-01-01&to=2025-01-02'

const gap = (part: Pick<Gap, 'series' | 'cause'> & { at: number; hours?: number }): Gap => ({
  series: part.series,
  cause: part.cause,
  reason: part.cause === 'unknown' ? '' : 'a reason',
  from: hour(part.at),
  to: hour(part.at + (part.hours ?? 1)),
  objects: part.hours ?? 1,
  repairable: part.cause === 'unknown' || part.cause === 'failed',
})

/** A day with a hole of two coins, one that nobody asked for yet, and one that is final. */
const GAPS = [
  gap({ series: 'BTC', cause: 'failed', at: 1, hours: 2 }),
  gap({ series: 'ETH', cause: 'failed', at: 1, hours: 2 }),
  gap({ series: 'BTC', cause: 'missing', at: 5 }),
  gap({ series: 'BTC', cause: 'unknown', at: 9, hours: 3 }),
]

function open(gaps: readonly Gap[] = GAPS) {
  const api = openApi()
  api.store.gaps.push(...gaps)
  return api
}

describe('/gaps', () => {
  it('are intervals with their cause, and whether a load could change them', async () => {
    const { body } = await open().get(`/gaps?${DAY}`)
    expect(body.next).toBeNull()
    expect(body.gaps).toHaveLength(4)
    expect(body.gaps[2]).toEqual({
      dataset: 'test.hourly',
      coin: 'BTC',
      from: '2025-01-01T05:00:00Z',
      to: '2025-01-01T06:00:00Z',
      cause: 'missing',
      reason: 'a reason',
      objects: 1,
      repairable: false,
    })
    expect(body.gaps[3]).not.toHaveProperty('reason')
  })

  it('are asked for by length and cause', async () => {
    const api = open()
    await api.get(`/gaps?${DAY}&min=90m&cause=missing,corrupt`)
    expect(api.store.asked.gaps).toMatchObject({
      atLeast: 5_400_000,
      causes: ['missing', 'corrupt'],
      partitionLength: 3_600_000,
      now: NOW,
    })
  })

  it('come in pages, each gap once, also where several are at the same place', async () => {
    const twice = gap({ series: 'BTC', cause: 'missing', at: 5 })
    const all = [...GAPS.slice(0, 3), twice, { ...twice, reason: 'another' }, ...GAPS.slice(3)]
    const api = open(all)
    const seen: object[] = []
    let next = ''
    for (let pages = 0; pages < 10; pages += 1) {
      const { body } = await api.get(`/gaps?${DAY}&limit=1${next && `&cursor=${next}`}`)
      seen.push(...body.gaps)
      next = body.next
      if (next === null) break
    }
    expect(seen).toEqual((await api.get(`/gaps?${DAY}`)).body.gaps)
    expect(seen).toHaveLength(all.length)
  })
})

describe('/repairs', () => {
  const part = { coins: ['BTC', 'ETH'], from: '2025-01-01', to: '2025-01-02' }
  const body = { dataset: 'test.hourly', parts: [part] }

  it('starts one backfill over what is repairable of the days, and says what it leaves', async () => {
    const api = open()
    const { status, body: answer } = await api.post('/repairs', body)
    expect(status).toBe(202)
    expect(api.runs.started).toMatchObject([
      {
        backfillId: answer.backfills[0].id,
        symbols: ['BTC', 'ETH'],
        range: { from: hour(1), to: hour(12) },
        reprocess: 'repairable',
      },
    ])
    expect(answer).toEqual({
      dataset: 'test.hourly',
      dryRun: false,
      repairable: { gaps: 3, objects: 7 },
      untouched: [{ cause: 'missing', gaps: 1, objects: 1 }],
      backfills: [
        {
          id: answer.backfills[0].id,
          coins: ['BTC', 'ETH'],
          from: '2025-01-01T01:00:00Z',
          to: '2025-01-01T12:00:00Z',
        },
      ],
      left: 0,
    })
  })

  it('finds the backfill that repairs the same already', async () => {
    const api = open()
    const first = await api.post('/repairs', body)
    const second = await api.post('/repairs', body)
    expect(second.body.backfills).toEqual(first.body.backfills)
    expect(api.runs.started).toHaveLength(1)
  })

  it('starts nothing where nothing is repairable, or with dryRun', async () => {
    const api = open([gap({ series: 'BTC', cause: 'missing', at: 5, hours: 2 })])
    expect(await api.post('/repairs', body)).toMatchObject({
      status: 200,
      body: { repairable: { gaps: 0, objects: 0 }, backfills: [] },
    })
    api.store.gaps.push(...GAPS)
    const dry = await api.post('/repairs', { ...body, dryRun: true })
    expect(dry).toMatchObject({ status: 200, body: { backfills: [{ id: null }] } })
    expect(api.runs.started).toEqual([])
  })

  it('loads no more of a gap than was asked for', async () => {
    const api = open()
    const one = { coins: ['BTC'], from: '2025-01-01T10', to: '2025-01-01T11' }
    const { body: answer } = await api.post('/repairs', { ...body, parts: [one] })
    expect(answer.repairable).toEqual({ gaps: 1, objects: 1 })
    expect(api.runs.started).toMatchObject([
      { symbols: ['BTC'], range: { from: hour(10), to: hour(11) } },
    ])
  })

  it('starts no more than twenty at once, and says that some are left', async () => {
    const holes = Array.from({ length: 30 }, (_, index) =>
      gap({ series: 'BTC', cause: 'failed', at: index * 48 }),
    )
    const api = open(holes)
    const parts = [{ ...part, to: '2025-04-01' }]
    const { body: answer } = await api.post('/repairs', { ...body, parts })
    expect(answer).toMatchObject({ repairable: { gaps: 30 }, left: 10 })
    expect(api.runs.started).toHaveLength(20)
  })

  it('names the part that is wrong', async () => {
    const parts = [part, { ...part, to: '2025-01-01' }]
    const { status, body: answer } = await open().post('/repairs', { ...body, parts })
    expect(status).toBe(422)
    expect(answer.errors).toMatchObject([{ pointer: '/parts/1/to' }])
  })
})
