import type { BackfillResult } from '@backtide/core/backfill'
import { isOpen, OBJECT_STATES, type StateCounts } from '@backtide/core/state'
import { randomUUID } from 'node:crypto'
import { setTimeout as delay } from 'node:timers/promises'
import { createProgress } from '../progress.ts'
import type { Say } from '../say.ts'
import { StackError } from '../stack-error.ts'
import { SAMPLE_COINS } from './sample-objects.ts'

/** The backfill that the sample archive is for. */
const REQUEST = {
  dataset: 'hyperliquid.l2_book',
  coins: SAMPLE_COINS,
  from: '2025-01-01T00:00:00Z',
  to: '2025-01-02T00:00:00Z',
}

/** How the sample backfill ended, for programs. */
export interface SampleSummary {
  readonly backfillId: string
  readonly dataset: string
  readonly from: string
  readonly to: string
  readonly objects: StateCounts
  readonly rows: number
  readonly seconds: number
}

/** What `GET /backfills/{id}` says, as far as it is needed here. */
interface Status {
  readonly state: BackfillResult['outcome'] | 'running' | 'paused' | 'terminated'
  readonly counts: StateCounts
  readonly total: number
  readonly rows: number
}

/**
 * Asks the API for the sample backfill, shows its progress and waits for its end. `problem` is set
 * when it did not end with every object either loaded or explained.
 * @throws StackError when the API does not take the request
 */
export async function runSampleBackfill(
  api: string,
  token: string | undefined,
  say: Say,
): Promise<{ readonly summary: SampleSummary; readonly problem?: string }> {
  const started = Date.now()
  const call = createCall(api, token)
  const location = await call.submit()
  const backfillId = location.slice(location.lastIndexOf('/') + 1)
  say(`Backfill ${backfillId}: ${REQUEST.dataset}, ${REQUEST.coins.join(', ')}, 2025-01-01.`)
  const status = await follow(() => call.status(location))
  const { dataset, from, to } = REQUEST
  const seconds = Math.round((Date.now() - started) / 100) / 10
  const { counts: objects, rows } = status
  const summary = { backfillId, dataset, from, to, objects, rows, seconds }
  const problem = problemOf(status)
  return problem === undefined ? { summary } : { summary, problem }
}

async function follow(ask: () => Promise<Status>): Promise<Status> {
  const progress = createProgress('sample backfill')
  try {
    while (true) {
      const status = await ask()
      progress.show(settledOf(status.counts), status.total, `${status.rows} rows`)
      if (status.state !== 'running' && status.state !== 'paused') return status
      await delay(250)
    }
  } finally {
    progress.end()
  }
}

function problemOf({ state, counts, total }: Status): string | undefined {
  if (state !== 'complete' && state !== 'incomplete') return `The sample backfill ended ${state}.`
  const left = total - settledOf(counts)
  return left === 0
    ? undefined
    : `The sample backfill left ${left} of ${total} objects unexplained.`
}

/** Objects whose state is final: loaded, or known to be what they are. */
function settledOf(counts: StateCounts): number {
  const settled = OBJECT_STATES.filter((state) => state === 'pending' || !isOpen(state))
  return settled.reduce((sum, state) => sum + (counts[state] ?? 0), 0)
}

function createCall(api: string, token: string | undefined) {
  const authorization = token ? { authorization: `Bearer ${token}` } : {}
  const call = async (path: string, init: RequestInit) => {
    const response = await fetch(`${api}${path}`, { ...init, signal: AbortSignal.timeout(30_000) })
    const body = await response.text()
    if (response.ok) return { response, body }
    throw new StackError(`${init.method} ${path} answers ${response.status}: ${body.slice(0, 500)}`)
  }
  return {
    /** Path of a new backfill: over a range that is complete already it has nothing to fetch. */
    async submit(): Promise<string> {
      const { response } = await call('/backfills', {
        method: 'POST',
        headers: {
          ...authorization,
          'content-type': 'application/json',
          'idempotency-key': randomUUID(),
        },
        body: JSON.stringify(REQUEST),
      })
      const location = response.headers.get('location')
      if (!location) throw new StackError('POST /backfills answers without a Location', 5)
      return new URL(location, api).pathname
    },
    async status(path: string): Promise<Status> {
      return JSON.parse((await call(path, { method: 'GET', headers: authorization })).body)
    },
  }
}
