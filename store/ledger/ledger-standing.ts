import type { ObjectState } from '@backtide/core/state'
import type { Scope } from '@backtide/core/request'
import type { QuestDb } from '../questdb.ts'
import { sql } from '../sql.ts'
import type { LedgerRow } from './ledger-row.ts'
import { askInScope } from './scope.ts'

/** As much of a ledger row as it takes to judge whether its object has to be loaded again. */
export type Standing = Pick<
  LedgerRow,
  'partition' | 'object' | 'state' | 'backfillId' | 'decoderVersion' | 'etag' | 'checkedAt'
>

/** Standing of every object of a part of the ledger, in no order. */
export async function ledgerStanding(
  db: QuestDb,
  scope: Scope,
  signal?: AbortSignal,
): Promise<readonly Standing[]> {
  const rows = await askInScope(scope, (inScope) =>
    db.query(
      sql`SELECT partition_ts, object, state, backfill_id, decoder_version, etag, checked_at
        FROM ledger WHERE ${inScope}`,
      signal,
    ),
  )
  return rows
    .flat()
    .map(([partition, object, state, backfillId, decoderVersion, etag, checkedAt]) => ({
      partition: Date.parse(String(partition)),
      object: String(object),
      state: state as ObjectState,
      backfillId: String(backfillId ?? ''),
      decoderVersion: Number(decoderVersion ?? 0),
      etag: String(etag ?? ''),
      checkedAt: checkedAt === null ? 0 : Date.parse(String(checkedAt)),
    }))
}
