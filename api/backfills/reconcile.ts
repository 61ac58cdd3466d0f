import { scopeOf } from '@backtide/core/request'
import type { BackfillEnd, BackfillRecord } from '@backtide/store/backfills/backfill-record'
import type { Deps } from '../deps.ts'
import { noSuchBackfill } from '../http/problem.ts'
import type { Run } from '../temporal/runs.ts'
import { BACKFILL_ID } from './identity.ts'

type Needs = Pick<Deps, 'runs' | 'store' | 'now' | 'settings'>

/** A record as it is now, and its run while it runs. */
export interface Reconciled {
  readonly record: BackfillRecord
  readonly run?: Run
}

/**
 * The record of a backfill: from the table, or from Temporal when no worker has written it yet.
 * @throws ProblemError 404
 */
export async function findBackfill(
  deps: Pick<Deps, 'runs' | 'store' | 'settings'>,
  id: string,
): Promise<BackfillRecord> {
  if (!BACKFILL_ID.test(id)) throw noSuchBackfill(id)
  const record = await deps.store.findBackfill(id)
  if (record) return record
  const run = await deps.runs.describe(id)
  const recovered = run && recordOfRun(id, run, deps.settings.namespace)
  if (!recovered) throw noSuchBackfill(id)
  return recovered
}

/**
 * Asks Temporal whether a backfill without an end still runs; one that does not was terminated, or
 * its end got lost: the end is then found out and recorded.
 */
export async function reconcile(deps: Needs, record: BackfillRecord): Promise<Reconciled> {
  // Whether a run of another namespace goes on cannot be asked here.
  if (record.ended || record.namespace !== deps.settings.namespace) return { record }
  const run = await deps.runs.describe(record.id)
  if (run?.status === 'running') return { record, run }
  // The workflow records its end before it closes: what was read above may be older than that.
  const again = await deps.store.findBackfill(record.id)
  if (again?.ended) return { record: again }
  const ended = { ...record, ended: await endOf(deps, record, run) }
  await deps.store.putBackfill(ended)
  return { record: ended }
}

/** The record of a backfill that only Temporal knows; undefined for a run that is not one. */
export function recordOfRun(id: string, run: Run, namespace: string): BackfillRecord | undefined {
  if (!run.memo) return undefined
  const { createdAt, requestHash, request, retryOf } = run.memo
  return { id, namespace, createdAt, requestHash, request, ...(retryOf && { retryOf }) }
}

async function endOf(
  deps: Needs,
  record: BackfillRecord,
  run: Run | undefined,
): Promise<BackfillEnd> {
  const outcome = run
    ? await deps.runs.outcome(record.id)
    : { outcome: 'terminated' as const, reason: 'Temporal does not know this backfill any more.' }
  const scope = { ...scopeOf(record.request), backfillId: record.id }
  const ledger = await deps.store.summariseLedger(scope)
  return {
    outcome: outcome.outcome,
    counts: outcome.counts ?? ledger.counts,
    rows: outcome.rows ?? ledger.rows,
    endedAt: run?.closedAt ?? deps.now(),
    ...(outcome.reason && { reason: outcome.reason }),
  }
}
