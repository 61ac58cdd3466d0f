import { sql } from '../../sql.ts'
import { waitApplied } from '../../wait-applied.ts'
import type { Migration } from '../migration.ts'
import { differences, readShape } from '../table-shape.ts'
import { BACKFILLS_V1 } from './shapes-v1.ts'

/** `backfills` gets `paused_ms`: how long a backfill had been paused when it ended. */
export const backfillsKeepPauses: Migration = {
  version: 5,
  title: 'backfills keep how long they were paused',
  run: async (db, { name }) => {
    if (name !== BACKFILLS_V1.name) return
    const shape = await readShape(db, name)
    if (!shape || differences(BACKFILLS_V1, shape).length > 0) return
    await db.query(sql`ALTER TABLE backfills ADD COLUMN IF NOT EXISTS paused_ms LONG`)
    await waitApplied(db, name)
  },
}
