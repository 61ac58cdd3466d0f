import type { ColumnType, DataTable, TableDefinition } from '@backtide/core/table'
import { TableShapeError } from './errors.ts'
import type { QuestDb } from './questdb.ts'
import { identifier, sql, trusted, type Statement } from './sql.ts'

/**
 * Creates a table if there is none of that name.
 * @throws TableShapeError when there is one of another shape; it is never altered
 */
export async function ensureTable(
  db: QuestDb,
  table: TableDefinition & Partial<DataTable>,
): Promise<void> {
  await createTable(db, table)
  const differences = compare(table, await readShape(db, table.name))
  if (differences.length > 0) throw new TableShapeError(table.name, differences)
  if (table.view) await createView(db, table.name, table.view)
}

async function createView(db: QuestDb, table: string, view: DataTable['view']): Promise<void> {
  const columns = view.columns.map((name) => identifier(name).text).join(', ')
  await db.query(
    sql`CREATE OR REPLACE VIEW ${identifier(view.name)} AS (SELECT ${trusted(columns)}
      FROM ${identifier(table)} WHERE ${trusted(view.where)})`,
  )
}

async function createTable(db: QuestDb, table: TableDefinition): Promise<void> {
  await db.query(createStatement(table))
}

/** DDL of a table, as shown in the documentation too. */
export function createStatement(table: TableDefinition): Statement {
  const columns = Object.entries(table.columns)
  const list = columns.map(([name, type]) => `${identifier(name).text} ${type}`).join(', ')
  const keys = table.keys.map((key) => identifier(key).text).join(', ')
  return sql`CREATE TABLE IF NOT EXISTS ${identifier(table.name)} (${trusted(list)})
    TIMESTAMP(${identifier(columns[0]?.[0] ?? '')}) PARTITION BY ${trusted(table.partitionBy)} WAL
    DEDUP UPSERT KEYS(${trusted(keys)})`
}

async function readShape(db: QuestDb, table: string): Promise<TableShape> {
  const columns = await readColumns(db, table)
  const [row] = await db.query(
    sql`SELECT partitionBy, walEnabled, dedup, ttlValue FROM tables() WHERE table_name = ${table}`,
  )
  return {
    columns,
    partitionBy: String(row?.[0]),
    wal: row?.[1] === true,
    dedup: row?.[2] === true,
    ttl: Number(row?.[3] ?? 0),
  }
}

async function readColumns(db: QuestDb, table: string): Promise<readonly ColumnShape[]> {
  const rows = await db.query(sql`SHOW COLUMNS FROM ${identifier(table)}`)
  return rows.map((row) => ({
    name: String(row[0]),
    type: String(row[1]) as ColumnType,
    key: row[8] === true,
  }))
}

function compare(table: TableDefinition, found: TableShape): string[] {
  const wanted = Object.entries(table.columns)
  const differences = wanted.flatMap(([name, type]) => {
    const column = found.columns.find((other) => other.name === name)
    if (!column) return [`column ${name} ${type} is missing`]
    if (column.type !== type) return [`column ${name} is ${column.type}, not ${type}`]
    return column.key === table.keys.includes(name)
      ? []
      : [`column ${name} is ${column.key ? '' : 'not '}a deduplication key`]
  })
  // An upsert replaces whole rows, so a column that we do not write would lose its values.
  const extra = found.columns.filter(({ name }) => !(name in table.columns))
  differences.push(...extra.map(({ name }) => `column ${name} is not Backtide's`))
  if (!found.wal) differences.push('it is not a WAL table')
  if (!found.dedup) differences.push('deduplication is off')
  if (found.ttl !== 0) differences.push('it has a TTL, which would drop backfilled days')
  if (found.partitionBy !== table.partitionBy) {
    differences.push(`it is partitioned by ${found.partitionBy}, not ${table.partitionBy}`)
  }
  return differences
}

interface TableShape {
  readonly columns: readonly ColumnShape[]
  readonly partitionBy: string
  readonly wal: boolean
  readonly dedup: boolean
  readonly ttl: number
}

interface ColumnShape {
  readonly name: string
  readonly type: ColumnType
  readonly key: boolean
}
