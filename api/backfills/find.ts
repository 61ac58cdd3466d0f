import { noSuchBackfill } from '../problem.ts'
import type { Deps } from '../deps.ts'
import type { BackfillRecord } from '@backtide/store/backfills/backfill-record'
import { BACKFILL_ID } from './identity.ts'
import { recordOfRun } from './settle.ts'

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
