import type { DerivedStep } from '@backtide/core/derived'
import { DEAD, DEAD_STATES, SEAM, type DataTable } from '@backtide/core/table'
import { mark } from '../dead-rows.ts'
import type { Fence } from '../fence.ts'
import type { QuestDb } from '../questdb.ts'
import { names } from '../schema/create-table.ts'
import { identifier, sql, trusted, type Statement } from '../sql.ts'
import { waitApplied } from '../wait-applied.ts'

/** Who writes, and until when. */
export interface Writing {
  readonly db: QuestDb
  readonly fence: Fence
  readonly signal: AbortSignal
}

/**
 * Makes rows anew, step by step, and says how many there are now. What was there is doubted, sent again,
 * and laid dead where it was not, as loads do it (docs/load-path.md): at no time the table looks empty, and
 * killed anywhere it is done again.
 */
export async function makeDay(
  writing: Writing,
  table: DataTable,
  steps: readonly DerivedStep[],
): Promise<number> {
  let rows = 0
  for (const step of steps) rows += await makeStep(writing, table, step)
  return rows
}

async function makeStep(
  writing: Writing,
  table: DataTable,
  { replaces, columns, queries }: DerivedStep,
): Promise<number> {
  const { db, fence, signal } = writing
  const own = trusted(`(${replaces})`)
  const { doubted, ghost } = DEAD_STATES
  const before = await count(writing, table, sql`${own} AND ${isBelow(ghost)}`)
  if (before > 0)
    await mark(db, { table: table.name }, doubted, sql`${own} AND ${isBelow(ghost)}`, fence)
  for (const query of queries) {
    await db.execute(insertStatement(table, columns, query), fence, signal)
  }
  await waitApplied(db, table.name, { signal })
  const left = sql`${own} AND ${trusted(`${DEAD} = ${doubted}`)}`
  if (before > 0 && (await count(writing, table, left)) > 0) {
    await mark(db, { table: table.name }, ghost, left, fence)
    await waitApplied(db, table.name, { signal })
  }
  return await count(writing, table, sql`${own} AND ${isBelow(ghost)}`)
}

function insertStatement(table: DataTable, columns: readonly string[], query: string): Statement {
  const all = names([...columns, SEAM, DEAD])
  return sql`INSERT INTO ${identifier(table.name)} (${all})
    SELECT *, 0::byte, 0::byte FROM (${trusted(query)})`
}

function isBelow(state: number): Statement {
  return trusted(`${DEAD} < ${state}`)
}

async function count({ db, signal }: Writing, table: DataTable, where: Statement): Promise<number> {
  const [row] = await db.query(
    sql`SELECT count() FROM ${identifier(table.name)} WHERE ${where}`,
    signal,
  )
  return Number(row?.[0])
}
