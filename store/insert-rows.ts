import { createBuffer, SenderOptions, type SenderBuffer } from '@questdb/nodejs-client'
import type { ColumnType, TableDefinition } from '@backtide/core/table'
import type { Fence } from './fence.ts'
import type { QuestDb } from './questdb.ts'

/**
 * Value of a column: instants as UTC milliseconds (`TIMESTAMP`), with microseconds as their fraction;
 * undefined for NULL.
 */
export type ColumnValue = string | number | boolean | undefined

/** Column name → value; the designated timestamp in UTC milliseconds. */
export type TableRow = Readonly<Record<string, ColumnValue>>

/**
 * Inserts rows into one of Backtide's own small tables, as one transaction, behind the fence if there
 * is one. The bulk path does not come here: it writes ILP bytes itself (datasets/ilp).
 */
export async function insertRows(
  db: QuestDb,
  table: TableDefinition,
  rows: readonly TableRow[],
  fence?: Fence,
): Promise<void> {
  if (rows.length === 0) return
  await db.send(await encode(table, rows), fence)
}

async function encode(table: TableDefinition, rows: readonly TableRow[]): Promise<Buffer> {
  // The address is never used: only the buffer is taken from the client.
  const options = await SenderOptions.fromConfig('http::addr=localhost;protocol_version=3;')
  const buffer = createBuffer(options)
  for (const row of rows) encodeRow(buffer, table, row)
  return buffer.toBufferView()
}

function encodeRow(buffer: SenderBuffer, table: TableDefinition, row: TableRow): void {
  const [designated, ...columns] = Object.entries(table.columns)
  const present = columns.filter(([name]) => row[name] !== undefined)
  buffer.table(table.name)
  // ILP wants all symbols before the first other column.
  for (const [name, type] of present) if (type === 'SYMBOL') buffer.symbol(name, row[name])
  for (const [name, type] of present) encodeColumn(buffer, name, type, row[name])
  buffer.at(microsOf(row[designated?.[0] ?? '']), 'us')
}

function encodeColumn(
  buffer: SenderBuffer,
  name: string,
  type: ColumnType,
  value: ColumnValue,
): void {
  if (type === 'VARCHAR') buffer.stringColumn(name, String(value))
  else if (type === 'LONG' || type === 'INT') buffer.intColumn(name, Number(value))
  else if (type === 'DOUBLE') buffer.floatColumn(name, Number(value))
  else if (type === 'BOOLEAN') buffer.booleanColumn(name, value === true)
  else if (type === 'TIMESTAMP') buffer.timestampColumn(name, microsOf(value), 'us')
}

/** Milliseconds of these centuries are exact to a quarter of a microsecond. */
function microsOf(value: ColumnValue): number {
  return Math.round(Number(value) * 1000)
}
