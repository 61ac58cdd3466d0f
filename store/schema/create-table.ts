import type { TableDefinition } from '@backtide/core/table'
import type { QuestDb } from '../questdb.ts'
import { identifier, sql, trusted, type Statement } from '../sql.ts'

/** Creates a table if there is none of that name, whatever its shape. */
export async function createTable(db: QuestDb, table: TableDefinition): Promise<void> {
  await db.query(createStatement(table))
}

/** DDL of a table, as shown in the documentation too. */
export function createStatement(table: TableDefinition): Statement {
  const columns = Object.entries(table.columns)
  const list = columns.map(([name, type]) => `${identifier(name).text} ${type}`).join(', ')
  return sql`CREATE TABLE IF NOT EXISTS ${identifier(table.name)} (${trusted(list)})
    TIMESTAMP(${identifier(columns[0]?.[0] ?? '')}) PARTITION BY ${trusted(table.partitionBy)}${ttlOf(table)} WAL
    DEDUP UPSERT KEYS(${names(table.keys)})`
}

function ttlOf({ ttlDays }: TableDefinition): Statement {
  return trusted(ttlDays === undefined ? '' : ` TTL ${ttlDays} DAYS`)
}

/** Names of columns, as they stand in a list. */
export function names(columns: readonly string[]): Statement {
  return trusted(columns.map((name) => identifier(name).text).join(', '))
}
