import { askWorkers } from '@backtide/api/backfills/workers'
import type { PendingActivity } from '@backtide/api/temporal/runs'
import { DEFAULT_TIMING } from '@backtide/core/timing'
import type { KnownWorker } from '@backtide/store/workers/worker-record'
import { describe, expect, it } from 'vitest'
import { createFakeRuns, type FakeRuns } from './fake-runs.ts'
import { createFakeStore } from './fake-store.ts'

const NOW = Date.UTC(2026, 10, 21, 12)
const now = () => NOW
const OTHER = 'load/t/2025-01-05'

function load(change: Partial<PendingActivity> = {}): PendingActivity {
  return { type: 'loadPartitions', atWork: false, attempt: 1, dueAt: NOW, ...change }
}

const AT_WORK: PendingActivity = { type: 'loadPartitions', atWork: true, attempt: 1 }

function someRuns(polling: readonly string[], others: readonly PendingActivity[] = []): FakeRuns {
  const runs = createFakeRuns(now)
  runs.workers = { control: ['one'], load: polling }
  runs.loading = [OTHER]
  runs.pending.set(OTHER, others)
  return runs
}

function record(worker: string, change: Partial<KnownWorker> = {}): KnownWorker {
  const roles = ['control', 'load']
  return {
    worker,
    namespace: 'default',
    startedAt: NOW,
    roles,
    sources: [],
    alive: true,
    ...change,
  }
}

const noLoads = expect.stringContaining('no worker takes loads')

describe('Who works', () => {
  it('is who polls', async () => {
    const runs = someRuns(['one', 'two'])
    expect(await askWorkers({ runs, now })).toMatchObject({ count: 2, control: true, warnings: [] })
  })

  it('is somebody who has a load in hand and no place to poll for another', async () => {
    const runs = someRuns([])
    expect((await askWorkers({ runs, now }, [AT_WORK, load()])).warnings).toEqual([])
  })

  it('is somebody who has loads of other backfills in hand, however long ours have been due', async () => {
    const due = load({ dueAt: NOW - 600_000 })
    expect((await askWorkers({ runs: someRuns([], [AT_WORK]), now }, [due])).warnings).toEqual([])
  })

  it('is nobody for loads when nobody polls for them and none is in hand', async () => {
    const runs = someRuns([], [load(), { type: 'recordFailure', atWork: true, attempt: 1 }])
    expect((await askWorkers({ runs, now }, [load()])).warnings).toEqual([noLoads])
  })

  it('is not who polled a minute ago and leaves a load lying now: it was killed', async () => {
    const lying = load({ attempt: 2, dueAt: NOW - 11_000 })
    const killed = someRuns(['one'])
    expect(await askWorkers({ runs: killed, now }, [lying])).toMatchObject({
      count: 0,
      control: false,
      warnings: [expect.stringContaining('no worker is running')],
    })
    const apart = someRuns(['two'])
    expect(await askWorkers({ runs: apart, now }, [lying])).toMatchObject({
      count: 1,
      control: true,
      warnings: [noLoads],
    })
  })

  it('is who polls while a load waits for its next try', async () => {
    const waiting = load({ attempt: 9, dueAt: NOW + 20_000, error: 'away' })
    expect((await askWorkers({ runs: someRuns(['one']), now }, [waiting])).warnings).toEqual([])
  })

  describe('where workers keep a record', () => {
    const settings = { namespace: 'default', temporalUi: '', tempo: DEFAULT_TIMING }
    const ask = async (runs: FakeRuns, workers: readonly KnownWorker[]) => {
      const store = Object.assign(createFakeStore(), { workers })
      return await askWorkers({ runs, now, store, settings })
    }

    it('is who wrote a moment ago, although all of its places are taken and it does not poll', async () => {
      const runs = someRuns([])
      runs.workers = { control: [], load: [] }
      expect(await ask(runs, [record('full')])).toMatchObject({
        count: 1,
        control: true,
        warnings: [],
      })
    })

    it('is not who wrote last some time ago, although it polled since', async () => {
      expect(await ask(someRuns(['one']), [record('one', { alive: false })])).toMatchObject({
        count: 0,
        control: false,
        warnings: [expect.stringContaining('no worker is running')],
      })
    })

    it('is who was started anew under the same name', async () => {
      const again = [record('one', { alive: false, startedAt: NOW - 1 }), record('one')]
      expect(await ask(someRuns(['one']), again)).toMatchObject({ count: 1, warnings: [] })
    })

    it('says which sources answer: one that answers anybody does', async () => {
      const source = { name: 'archive', kind: 's3' } as const
      const away = { ...source, up: false, detail: 'ENOTFOUND' }
      const { sources } = await ask(someRuns(['one']), [
        record('one', { sources: [away] }),
        record('two', { sources: [{ ...source, up: true }] }),
        record('dead', { alive: false, sources: [{ ...away, name: 'other' }] }),
      ])
      expect(sources).toEqual([{ ...source, up: true }])
    })

    it('is asked of Temporal alone while QuestDB is away', async () => {
      const store = Object.assign(createFakeStore(), { away: true })
      const runs = someRuns(['one'])
      expect(await askWorkers({ runs, now, store, settings })).toMatchObject({ count: 1 })
    })
  })
})
