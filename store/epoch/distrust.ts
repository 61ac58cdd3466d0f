import { READ_BACK } from '@backtide/core/state'
import { columnTypes } from '../ledger/columns.ts'
import { LEDGER, LEDGER_LOG } from '../ledger/table.ts'
import { unverifiedReason } from '../ledger/unverified.ts'
import type { QuestDb } from '../questdb.ts'
import { instant, sql, trusted, type Statement } from '../sql.ts'
import { waitApplied } from '../wait-applied.ts'
import { coveredUntil } from './clean-points.ts'

/** Clocks of workers and of QuestDB may be that far apart, milliseconds. */
export const CLOCK_SLACK_MS = 120_000

const REASON = 'QuestDB was started again and may have lost what it took since its last clean point'

/**
 * Makes `unverified` what an earlier QuestDB than the current epoch's was read to hold and no clean
 * point covers. Rows without an epoch, from before there were epochs, stay trusted. Done twice it is
 * the same; both statements decide where the ledger is, so a load's fresh row is never taken back.
 * @param now UTC milliseconds, time of the transitions
 */
export async function distrust(
  db: QuestDb,
  epoch: number,
  now: number,
  slackMs = CLOCK_SLACK_MS,
): Promise<void> {
  const earlier = await earlierEpochs(db, epoch)
  if (earlier.length === 0) return
  const covered = await coveredUntil(db, slackMs)
  for (const { epoch: old, settled } of earlier) {
    const until = covered.get(old) ?? 0
    if (settled > until) await distrustEpoch(db, old, until, now)
  }
}

async function earlierEpochs(
  db: QuestDb,
  epoch: number,
): Promise<readonly { readonly epoch: number; readonly settled: number }[]> {
  const rows = await db.query(
    sql`SELECT epoch, max(checked_at) FROM ledger
      WHERE epoch > ${instant(0)} AND epoch != ${instant(epoch)} AND state IN ${READ_BACK}
      GROUP BY epoch`,
  )
  return rows.map(([at, settled]) => ({
    epoch: Date.parse(String(at)),
    settled: Date.parse(String(settled)),
  }))
}

/** The log first, so that no state is without its transition. */
async function distrustEpoch(db: QuestDb, old: number, after: number, now: number): Promise<void> {
  const which = sql`epoch = ${instant(old)} AND checked_at > ${instant(after)}
    AND state IN ${READ_BACK}`
  await logTransitions(db, which, now)
  await db.query(
    sql`UPDATE ledger SET state = 'unverified', reason = ${unverifiedReason(REASON)}, checked_at = ${instant(now)}
      WHERE ${which}`,
  )
  await waitApplied(db, LEDGER.name)
}

async function logTransitions(db: QuestDb, which: Statement, now: number): Promise<void> {
  const columns = Object.keys(columnTypes('log'))
  const values: Readonly<Record<string, Statement>> = {
    state: sql`'unverified'`,
    reason: unverifiedReason(REASON),
  }
  await db.query(
    sql`INSERT INTO ledger_log (ts, ${trusted(columns.join(', '))})
      SELECT ${instant(now)}::timestamp, ${trusted(columns.map((name) => values[name]?.text ?? name).join(', '))}
      FROM ledger WHERE ${which}`,
  )
  await waitApplied(db, LEDGER_LOG.name)
}
