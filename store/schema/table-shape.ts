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
 * The shape of a table; undefined when there is none of that name, or a view. `tables()` alone does
 * not say: where QuestDB applies rows while a table is renamed, it goes on listing the old name as a
 * table, even once that is a view.
 */
export async function readShape(db: QuestDb, table: string): Promise<TableShape | undefined> {
  const [row] = await db.query(
    sql`SELECT partitionBy, walEnabled, dedup, ttlValue FROM tables()
      LEFT JOIN views() ON view_name = table_name
      WHERE table_name = ${table} AND table_type = 'T' AND view_name IS NULL`,
  )
  const columns = row && (await readColumns(db, table))
  if (!columns) return undefined
  return {
    columns,
    partitionBy: String(row[0]),
    wal: row[1] === true,
    dedup: row[2] === true,
    ttl: Number(row[3] ?? 0),
  }
}

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
  if (found.ttl !== 0) list.push('it has a TTL, which would drop backfilled days')
  if (found.partitionBy !== wanted.partitionBy) {
    list.push(`it is partitioned by ${found.partitionBy}, not ${wanted.partitionBy}`)
  }
  return list
}

/** Undefined when there is no such table. */
async function readColumns(
  db: QuestDb,
  table: string,
): Promise<readonly ColumnShape[] | undefined> {
  try {
    const rows = await db.query(sql`SHOW COLUMNS FROM ${identifier(table)}`)
    return rows.map((row) => ({
      name: String(row[0]),
      type: String(row[1]) as ColumnType,
      key: row[8] === true,
    }))
  } catch (error) {
    if (error instanceof TableGoneError) return undefined
    throw error
  }
}
