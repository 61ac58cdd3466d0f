import type { Scope } from '@backtide/core/request'
import { inChunks } from '../in-chunks.ts'
import { instant, joined, sql, trusted, type Statement } from '../sql.ts'

/** Asks about a part of the ledger in as many statements as its symbols take (store/in-chunks.ts). */
export function askInScope<T>(
  { dataset, symbols, range, hours }: Scope,
  ask: (inScope: Statement, symbols: readonly string[]) => Promise<T>,
): Promise<T[]> {
  const { from, to } = range
  return inChunks(symbols, (chunk) =>
    ask(
      sql`partition_ts >= ${instant(from)} AND partition_ts < ${instant(to)}
        AND dataset = ${dataset} AND symbol IN ${chunk}${inHours(hours)}`,
      chunk,
    ),
  )
}

function inHours(hours: readonly number[] | undefined): Statement {
  if (!hours) return trusted('')
  const list = joined(
    hours.map((hour) => sql`${hour}`),
    ', ',
  )
  return trusted(` AND hour(partition_ts) IN (${list.text})`)
}
