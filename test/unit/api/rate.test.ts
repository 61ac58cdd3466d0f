import type { BackfillProgress } from '@backtide/core/backfill'
import { describe, expect, it } from 'vitest'
import { ledgerRow } from './fake-ledger.ts'
import { hour, NOW, openApi, REQUEST } from './open-api.ts'

const RUNNING: BackfillProgress = {
  phase: 'running',
  days: { total: 1, planned: 1, done: 0, failed: 0, deferred: 0 },
  inFlight: [],
  counts: {},
  rows: 0,
  concurrency: 4,
}

describe('A backfill that was paused', () => {
  it('has a rate and a time left that pauses do not count into', async () => {
    const api = openApi()
    const { id } = (await api.post('/backfills', REQUEST)).body
    for (let index = 0; index < 12; index += 1) {
      api.store.ledger.push(ledgerRow({ partition: hour(index), symbol: 'BTC', backfillId: id }))
    }
    api.runs.progressOf = () => ({ ...RUNNING, pausedMs: 3_590_000 })
    api.pass(3_600_000)
    expect((await api.get(`/backfills/${id}`)).body).toMatchObject({
      rate: { objectsPerSecond: 1.2, rowsPerSecond: 12 },
      etaSeconds: 30,
      seconds: 3_600,
    })
    const pausedSince = NOW + 6_000
    api.runs.progressOf = () => ({ ...RUNNING, phase: 'paused', paused: {}, pausedSince })
    expect((await api.get(`/backfills/${id}`)).body.rate).toMatchObject({ objectsPerSecond: 2 })
  })
})
