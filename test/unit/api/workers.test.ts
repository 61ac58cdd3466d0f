import { askWorkers } from '@backtide/api/backfills/workers'
import type { PendingActivity } from '@backtide/api/temporal/runs'
import { describe, expect, it } from 'vitest'
import { createFakeRuns, type FakeRuns } from './fake-runs.ts'

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

const noLoads = expect.stringContaining('no worker takes loads')

describe('Who works', () => {
  it('is who polls', async () => {
    const runs = someRuns(['one', 'two'])
    expect(await askWorkers({ runs, now })).toEqual({ count: 2, control: true, warnings: [] })
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
})
