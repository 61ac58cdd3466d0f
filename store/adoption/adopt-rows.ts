import type { AdoptionPlan } from '@backtide/core/adoption'
import { DAY_MS } from '@backtide/core/range'
import { DEAD, DEAD_STATES, SEAM, type DataTable } from '@backtide/core/table'
import { StoreRefusedError, StoreUnavailableError } from '../errors.ts'
import type { Fence } from '../fence.ts'
import type { QuestDb } from '../questdb.ts'
import { createTable, names } from '../schema/create-table.ts'
import { readShape } from '../schema/table-shape.ts'
import { identifier, instant, joined, sql, trusted, type Statement } from '../sql.ts'
import { waitApplied } from '../wait-applied.ts'
import { foreignTable } from './foreign-table.ts'

/** The origin of rows that were taken over, where a table says who told of a row. */
const ORIGIN = 'import'

/**
 * Which days a table has that is to be taken over, and the first name that is free to keep it under.
 * @throws StoreRefusedError when there is none, or one of another shape
 */
export async function daysToAdopt(db: QuestDb, table: DataTable): Promise<AdoptionPlan> {
  const { name } = table.view
  const standing = await foreignTable(db, table)
  if (standing !== 'adoptable') {
    const what = standing === 'nothing' ? 'There is no table' : 'Nothing is known of the table'
    throw new StoreRefusedError(`${what} ${name} that could be taken over`, 'SHOW CREATE TABLE')
  }
  const [row] = await db.query(sql`SELECT min(ts), max(ts) FROM ${identifier(name)}`)
  const keptAs = await freeName(db, `${name}_adopted`)
  const [first, last] = row ?? []
  if (typeof first !== 'string') return { from: 0, to: 0, keptAs }
  return { from: dayOf(first), to: dayOf(String(last)) + DAY_MS, keptAs }
}

/** Rows of a day (UTC milliseconds) of a table to be taken over, and how many of them have the keys of another. */
export async function countDay(
  db: QuestDb,
  { keys, view }: DataTable,
  day: number,
  signal?: AbortSignal,
): Promise<{ readonly rows: number; readonly duplicates: number }> {
  const known = await columnsOf(db, view.name)
  const own = names(keys.filter((key) => known.has(key)))
  const ofDay = sql`FROM ${identifier(view.name)} WHERE ${inDay(day)}`
  const [all] = await db.query(sql`SELECT count() ${ofDay}`, signal)
  const rows = Number(all?.[0])
  if (rows === 0) return { rows, duplicates: 0 }
  const [one] = await db.query(sql`SELECT count() FROM (SELECT DISTINCT ${own} ${ofDay})`, signal)
  return { rows, duplicates: rows - Number(one?.[0]) }
}

/**
 * Copies a day into the table of ours; done twice it is the same. Of rows with the same keys the one
 * written last stays.
 * @throws StoreUnavailableError when rows are missing afterwards
 */
export async function copyDay(
  db: QuestDb,
  table: DataTable,
  { day, distinct }: { readonly day: number; readonly distinct: number },
  { fence, signal }: { readonly fence: Fence; readonly signal: AbortSignal },
): Promise<void> {
  const { view } = table
  const known = await columnsOf(db, view.name)
  const values = Object.keys(table.columns).map((name): Statement => {
    if (name === SEAM) return trusted('0::byte')
    if (name === DEAD) return trusted(`${DEAD_STATES.alive}::byte`)
    return known.has(name) ? identifier(name) : sql`${ORIGIN}`
  })
  await createTable(db, table)
  await db.execute(
    sql`INSERT INTO ${identifier(table.name)} (${names(Object.keys(table.columns))})
      SELECT ${joined(values, ', ')} FROM ${identifier(view.name)} WHERE ${inDay(day)}`,
    fence,
    signal,
  )
  await waitApplied(db, table.name, { signal })
  const [row] = await db.query(
    sql`SELECT count() FROM ${identifier(table.name)} WHERE ${inDay(day)}`,
    signal,
  )
  if (Number(row?.[0]) >= distinct) return
  const missing = `${distinct - Number(row?.[0])} rows of ${new Date(day).toISOString().slice(0, 10)}`
  throw new StoreUnavailableError(
    `${missing} did not arrive in ${table.name}: they are copied again`,
  )
}

/**
 * Gives a table that was copied its other name, so that the view can take its place; does nothing when
 * that was done before.
 * @throws StoreRefusedError when it has other rows than were copied
 */
export async function setAside(
  db: QuestDb,
  { view }: DataTable,
  { keptAs, rows }: { readonly keptAs: string; readonly rows: number },
): Promise<void> {
  if (!(await readShape(db, view.name))) return
  const [found] = await db.query(sql`SELECT count() FROM ${identifier(view.name)}`)
  if (Number(found?.[0]) !== rows) {
    throw new StoreRefusedError(
      `Table ${view.name} has ${Number(found?.[0])} rows, ${rows} were copied: somebody writes to it. ` +
        `Stop that and adopt again; nothing is copied twice.`,
      'RENAME TABLE',
    )
  }
  await db.query(sql`RENAME TABLE ${identifier(view.name)} TO ${identifier(keptAs)}`)
}

async function columnsOf(db: QuestDb, name: string): Promise<ReadonlySet<string>> {
  const shape = await readShape(db, name)
  return new Set(shape?.columns.map((column) => column.name))
}

async function freeName(db: QuestDb, name: string): Promise<string> {
  for (let at = 1; ; at++) {
    const free = at === 1 ? name : `${name}_${at}`
    if (!(await readShape(db, free))) return free
  }
}

function inDay(day: number): Statement {
  return sql`ts >= ${instant(day)} AND ts < ${instant(day + DAY_MS)}`
}

function dayOf(ts: string): number {
  return Math.floor(Date.parse(ts) / DAY_MS) * DAY_MS
}
