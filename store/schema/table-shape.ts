import type { ColumnType, TableDefinition } from '@backtide/core/table'
import { TableGoneError } from '../errors.ts'
import type { QuestDb } from '../questdb.ts'
import { identifier, sql } from '../sql.ts'

/** How a table is, as far as it matters to us. */
export interface TableShape {
  readonly columns: readonly ColumnShape[]
  readonly partitionBy: string
  readonly wal: boolean
  readonly dedup: boolean
  readonly ttl: number
}

/** A column as QuestDB shows it. */
export interface ColumnShape {
  readonly name: string
  readonly type: ColumnType
  readonly key: boolean
}

/**
 * The shape of a table; undefined when there is none of that name, or a view. Asks for the statement that
 * creates it, because lists do not say: where QuestDB applies rows while a table is renamed, `tables()`
 * goes on listing the old name, even once that is a view, and not the new one.
 */
export async function readShape(db: QuestDb, table: string): Promise<TableShape | undefined> {
  try {
    const [row] = await db.query(sql`SHOW CREATE TABLE ${identifier(table)}`)
    const statement = String(row?.[0])
    const partitionBy = /PARTITION BY (\S+?)[;\s]/.exec(`${statement};`)?.[1] ?? ''
    if (partitionBy === OF_A_VIEW) return undefined
    if (partitionBy === '' && (await isView(db, table))) return undefined
    return {
      columns: await readColumns(db, table),
      partitionBy,
      wal: !statement.includes('BYPASS WAL'),
      dedup: statement.includes('DEDUP UPSERT KEYS'),
      ttl: Number(/ TTL (\d+)/.exec(statement)?.[1] ?? 0),
    }
  } catch (error) {
    if (error instanceof TableGoneError) return undefined
    throw error
  }
}

/** Nothing is said of the partitions of what has no designated timestamp, be it a table or a view that groups. */
async function isView(db: QuestDb, name: string): Promise<boolean> {
  const rows = await db.query(sql`SELECT view_name FROM views() WHERE view_name = ${name}`)
  return rows.length > 0
}

/** How a view is said to be partitioned. */
const OF_A_VIEW = 'N/A'

/** What differs between a table as it is wanted and as it is, in words; empty when nothing does. */
export function differences(wanted: TableDefinition, found: TableShape): string[] {
  return [...columnDifferences(wanted, found.columns), ...propertyDifferences(wanted, found)]
}

function columnDifferences(wanted: TableDefinition, found: readonly ColumnShape[]): string[] {
  const missing = Object.entries(wanted.columns).flatMap(([name, type]) => {
    const column = found.find((other) => other.name === name)
    if (!column) return [`column ${name} ${type} is missing`]
    if (column.type !== type) return [`column ${name} is ${column.type}, not ${type}`]
    return column.key === wanted.keys.includes(name)
      ? []
      : [`column ${name} is ${column.key ? '' : 'not '}a deduplication key`]
  })
  // An upsert replaces whole rows, so a column that we do not write would lose its values.
  const extra = found.filter(({ name }) => !(name in wanted.columns))
  return [...missing, ...extra.map(({ name }) => `column ${name} is not Backtide's`)]
}

function propertyDifferences(wanted: TableDefinition, found: TableShape): string[] {
  const list: string[] = []
  if (!found.wal) list.push('it is not a WAL table')
  if (!found.dedup) list.push('deduplication is off')
  if (found.ttl !== 0 && wanted.ttlDays === undefined) {
    list.push('it has a TTL, which would drop backfilled days')
  }
  if (found.partitionBy !== wanted.partitionBy) {
    list.push(`it is partitioned by ${found.partitionBy}, not ${wanted.partitionBy}`)
  }
  return list
}

async function readColumns(db: QuestDb, table: string): Promise<readonly ColumnShape[]> {
  const rows = await db.query(sql`SHOW COLUMNS FROM ${identifier(table)}`)
  return rows.map((row) => ({
    name: String(row[0]),
    type: String(row[1]) as ColumnType,
    key: row[8] === true,
  }))
}
