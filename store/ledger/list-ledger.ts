import type { Scope } from '@backtide/core/request'
import type { ObjectState } from '@backtide/core/state'
import type { QuestDb } from '../questdb.ts'
import { identifier, instant, sql, trusted, type Statement } from '../sql.ts'
import { columnTypes, ledgerRowOf } from './columns.ts'
import type { LedgerRow } from './ledger-row.ts'
import { askInScope } from './scope.ts'

/** Which rows of the ledger to list. */
export interface LedgerPage extends Scope {
  readonly states?: readonly ObjectState[]
  readonly limit?: number
  /** The last row of the page before. */
  readonly after?: { readonly partition: number; readonly object: string }
}

/** Rows of the ledger by partition, then object. */
export async function listLedger(
  db: QuestDb,
  page: LedgerPage,
  signal?: AbortSignal,
): Promise<readonly LedgerRow[]> {
  const { states, after, limit = MOST } = page
  const answers = await askInScope(page, async (inScope) => {
    const rows = await db.query(
      sql`SELECT ${COLUMNS} FROM ledger WHERE ${inScope}${inStates(states)}${below(after)}
        ORDER BY partition_ts, object LIMIT ${limit}`,
      signal,
    )
    return rows.map(ledgerRowOf)
  })
  const [only, ...more] = answers
  if (only && more.length === 0) return only
  return answers.flat().toSorted(byObject).slice(0, limit)
}

function inStates(states: readonly ObjectState[] | undefined): Statement {
  return states ? { text: ` AND state IN ${sql`${states}`.text}` } : NOTHING
}

function below(after: LedgerPage['after']): Statement {
  if (!after) return NOTHING
  const at = instant(after.partition)
  const terms = sql`partition_ts > ${at} OR (partition_ts = ${at} AND object > ${after.object})`
  return { text: ` AND (${terms.text})` }
}

function byObject(a: LedgerRow, b: LedgerRow): number {
  if (a.partition !== b.partition) return a.partition - b.partition
  return a.object < b.object ? -1 : a.object > b.object ? 1 : 0
}

const NOTHING: Statement = { text: '' }

/** More objects than one day of one dataset can have. */
const MOST = 1_000_000

/** What `ledgerRowOf` reads. */
export const COLUMNS = trusted(
  Object.keys(columnTypes('ledger'))
    .map((name) => identifier(name).text)
    .join(', '),
)
