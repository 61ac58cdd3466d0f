import { DEAD, DEAD_STATES } from '@backtide/core/table'
import type { Fence } from './fence.ts'
import { inChunks } from './in-chunks.ts'
import {
  outside,
  ownedBy,
  seriesList,
  seriesOf,
  type Owner,
  type RowSource,
  type Window,
} from './row-source.ts'
import type { QuestDb } from './questdb.ts'
import { identifier, sql, trusted, type Statement } from './sql.ts'

/** Rows of the objects of some series; `except` are windows that others may own, too. */
export interface DoubtedOwner extends Owner {
  readonly series: readonly string[] | undefined
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
  await eachPart(owner, (part) =>
    mark(db, source, DEAD_STATES.doubted, theirs(source, part), fence),
  )
}

/** Makes ghosts of what is still doubted. */
export async function buryRows(
  db: QuestDb,
  source: RowSource,
  owner: DoubtedOwner,
  fence: Fence,
): Promise<void> {
  await eachPart(owner, (part) => mark(db, source, DEAD_STATES.ghost, doubted(source, part), fence))
}

/** How many rows are still doubted, by series. */
export async function countDoubted(
  db: QuestDb,
  source: RowSource,
  owner: DoubtedOwner,
  signal?: AbortSignal,
): Promise<ReadonlyMap<string, number>> {
  const { seriesColumns, table } = source
  const columns = seriesList(source)
  const rows = await eachPart(owner, (part) =>
    db.query(
      sql`SELECT ${columns}, count() FROM ${identifier(table)}
        WHERE ${doubted(source, part)} GROUP BY ${columns}`,
      signal,
    ),
  )
  return new Map(rows.flat().map((row) => [seriesOf(row, seriesColumns), Number(row.at(-1))]))
}

/** A list of series that a statement cannot hold is taken in parts: never are others meant as well. */
async function eachPart<T>(
  owner: DoubtedOwner,
  act: (owner: DoubtedOwner) => Promise<T>,
): Promise<T[]> {
  const { series } = owner
  if (!series) return [await act(owner)]
  return await inChunks(series, (part) => act({ ...owner, series: part }))
}

function theirs(source: RowSource, owner: DoubtedOwner): Statement {
  return sql`${ownedBy(source, owner, owner.series)} AND ${outside(owner.except)}`
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
