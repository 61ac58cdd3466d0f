import type { LedgerScope } from '../records.ts'
import { instant, sql, type Statement } from '../sql.ts'

/** The `WHERE` terms that select a part of the ledger. */
export function inScope({ dataset, symbols, range }: LedgerScope): Statement {
  return sql`partition_ts >= ${instant(range.from)} AND partition_ts < ${instant(range.to)}
    AND dataset = ${dataset} AND symbol IN ${symbols}`
}
