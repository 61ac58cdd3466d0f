import { DEAD, DEAD_STATES } from '@backtide/core/table'
import type { Fence } from './fence.ts'
import { outside, ownedBy, type RowSource, type Window } from './owned-rows.ts'
import type { QuestDb } from './questdb.ts'
import { identifier, sql, trusted, type Statement } from './sql.ts'

/** Rows of the objects of one partition, by symbol; `except` are windows that others may own, too. */
export interface DoubtedOwner {
  readonly partition: number
  readonly symbols: readonly string[] | undefined
  readonly except: readonly Window[]
}

/**
 * Doubts all rows of some objects, which are sent again then: what is sent is alive again, and what
 * is left is `bury`'s. Doubted rows stay visible: QuestDB has no row delete, and a table must not look
 * empty meanwhile. Takes effect when it is applied.
 */
export async function doubtRows(
  db: QuestDb,
  source: RowSource,
  owner: DoubtedOwner,
  fence: Fence,
): Promise<void> {
  await mark(db, source, DEAD_STATES.doubted, theirs(source, owner), fence)
}

/** Makes ghosts of what is still doubted. */
export async function buryRows(
  db: QuestDb,
  source: RowSource,
  owner: DoubtedOwner,
  fence: Fence,
): Promise<void> {
  await mark(db, source, DEAD_STATES.ghost, doubted(source, owner), fence)
}

/** How many rows are still doubted, by symbol. */
export async function countDoubted(
  db: QuestDb,
  source: RowSource,
  owner: DoubtedOwner,
  signal?: AbortSignal,
): Promise<ReadonlyMap<string, number>> {
  const rows = await db.query(
    sql`SELECT ${identifier(source.symbolColumn)} s, count() FROM ${identifier(source.table)}
      WHERE ${doubted(source, owner)} GROUP BY s`,
    signal,
  )
  return new Map(rows.map(([symbol, count]) => [String(symbol), Number(count)]))
}

function theirs(source: RowSource, { partition, symbols, except }: DoubtedOwner): Statement {
  return sql`${ownedBy(source, partition, symbols)} AND ${outside(except)}`
}

function doubted(source: RowSource, owner: DoubtedOwner): Statement {
  return sql`${theirs(source, owner)} AND ${trusted(`${DEAD} = ${DEAD_STATES.doubted}`)}`
}

/** Sets `dead` of some rows; the rest of them stays as it is. */
export async function mark(
  db: QuestDb,
  { table }: Pick<RowSource, 'table'>,
  state: number,
  where: Statement,
  fence: Fence,
): Promise<void> {
  await db.execute(
    sql`UPDATE ${identifier(table)} SET ${trusted(`${DEAD} = ${state}::byte`)} WHERE ${where}`,
    fence,
  )
}
