import type { Range } from '@backtide/core/range'
import { DEAD, DEAD_STATES, PART, readSeam, SEAM } from '@backtide/core/table'
import { mark } from './dead-rows.ts'
import type { Fence } from './fence.ts'
import { nameable, notGhosts, ofDataset, type RowSource } from './row-source.ts'
import type { QuestDb, Row } from './questdb.ts'
import { identifier, instant, joined, sql, trusted, type Statement } from './sql.ts'

/** Where records may be shared. */
export interface SharedSource extends RowSource {
  /** Columns that tell one record from another, `ts` first. */
  readonly record: readonly string[]
}

/** Whose records to look at: of some series, or of all; and of which partitions. */
export interface SharedScope {
  readonly series: readonly string[] | undefined
  readonly range: Range
}

/** Rows of a record that an object has, where they are to be marked otherwise than they are. */
export interface Mark {
  /** Values of the record's columns, as SQL writes them. */
  readonly record: readonly (string | number)[]
  readonly seam: number
  readonly state: number
}

/**
 * Records that several objects have, or had, and that are not marked so: the rows of the later object
 * count, all others are outlived by them. Looks at the objects of some partitions and their neighbours.
 */
export async function findMisplaced(
  db: QuestDb,
  source: SharedSource,
  { series: asked, range }: SharedScope,
  signal?: AbortSignal,
): Promise<readonly Mark[]> {
  const series = nameable(asked)
  const suspects = await findSuspects(db, source, { series, range }, signal)
  const marks: Mark[] = []
  for (let at = 0; at < suspects.length; at += TIMES_AT_ONCE) {
    const times = suspects.slice(at, at + TIMES_AT_ONCE)
    const rows = await readOwners(db, source, { series, times }, signal)
    marks.push(...misplaced(rows, source.record.length))
  }
  return marks
}

/** Marks rows; takes effect when it is applied. */
export async function markRows(
  db: QuestDb,
  source: SharedSource,
  marks: readonly Mark[],
  fence: Fence,
): Promise<void> {
  for (const state of [DEAD_STATES.alive, DEAD_STATES.outlived]) {
    const some = marks.filter((one) => one.state === state)
    for (let at = 0; at < some.length; at += MARKS_AT_ONCE) {
      const part = some.slice(at, at + MARKS_AT_ONCE)
      await mark(db, source, state, theirs(source, part), fence)
    }
  }
}

/** Times at which rows lie that can be in two objects: those that say where they came from. */
async function findSuspects(
  db: QuestDb,
  source: SharedSource,
  { series, range }: SharedScope,
  signal?: AbortSignal,
): Promise<readonly string[]> {
  const { from, to } = { from: range.from - source.reachMs, to: range.to + source.reachMs }
  const rows = await db.query(
    sql`SELECT DISTINCT ts FROM ${identifier(source.table)}
      WHERE ts >= ${instant(from)} AND ts < ${instant(to)}
      AND (${trusted(`${SEAM} != 0 OR ${DEAD} = ${DEAD_STATES.outlived}`)})
      AND ${notGhosts()} AND ${ofDataset(source, series)} ORDER BY ts`,
    signal,
  )
  return rows.map(([ts]) => String(ts))
}

async function readOwners(
  db: QuestDb,
  source: SharedSource,
  { series, times }: Pick<SharedScope, 'series'> & { readonly times: readonly string[] },
  signal?: AbortSignal,
): Promise<readonly Row[]> {
  const columns = joined(source.record.map(identifier), ', ')
  return await db.query(
    sql`SELECT ${columns}, ${trusted(SEAM)}, min(${trusted(DEAD)}), max(${trusted(DEAD)})
      FROM ${identifier(source.table)} WHERE ts IN ${times} AND ${ofDataset(source, series)}
      AND ${notGhosts()} GROUP BY ${columns}, ${trusted(SEAM)}`,
    signal,
  )
}

/** Of the owners of each record the last one counts. */
function misplaced(rows: readonly Row[], columns: number): readonly Mark[] {
  const records = new Map<string, Row[]>()
  for (const row of rows) {
    const key = JSON.stringify(row.slice(0, columns))
    records.set(key, [...(records.get(key) ?? []), row])
  }
  return [...records.values()].flatMap((owners) => {
    const last = Math.max(...owners.map((row) => orderOf(Number(row[columns]))))
    return owners.flatMap((row): Mark[] => {
      const [seam, least, most] = row.slice(columns).map(Number) as [number, number, number]
      const counts = orderOf(seam) === last
      const right = counts ? most <= DEAD_STATES.alive : least === DEAD_STATES.outlived
      if (right) return []
      const state = counts ? DEAD_STATES.alive : DEAD_STATES.outlived
      return [{ record: row.slice(0, columns) as (string | number)[], seam, state }]
    })
  })
}

/** Later partitions count more than earlier ones, and of one partition the later objects. */
function orderOf(seam: number): number {
  const { partitions, part } = readSeam(seam)
  return partitions * PART + part
}

function theirs(source: SharedSource, marks: readonly Mark[]): Statement {
  const times = [...new Set(marks.map(({ record }) => String(record[0])))]
  const each = marks.map(({ record, seam }) => {
    const terms = source.record.map(
      (column, at) => sql`${identifier(column)} = ${record[at] ?? ''}`,
    )
    return sql`(${joined(terms, ' AND ')} AND ${trusted(SEAM)} = ${seam})`
  })
  return sql`ts IN ${times} AND ${notGhosts()}
    AND ${ofDataset(source, undefined)} AND (${joined(each, ' OR ')})`
}

/** As many as the URL of a query has room for. */
const TIMES_AT_ONCE = 300
const MARKS_AT_ONCE = 50
