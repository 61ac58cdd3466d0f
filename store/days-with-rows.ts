import type { QuestDb } from './questdb.ts'
import { instant, sql } from './sql.ts'
import { dayStart } from '@backtide/core/partition'
import type { Range } from '@backtide/core/range'

/** Days (UTC milliseconds) of a range of which a table partitioned by DAY has rows. */
export async function daysWithRows(
  db: QuestDb,
  table: string,
  range: Range,
): Promise<ReadonlySet<number>> {
  const rows = await db.query(
    sql`SELECT name FROM table_partitions(${table}) WHERE numRows > 0
      AND maxTimestamp >= ${instant(range.from)} AND minTimestamp < ${instant(range.to)}`,
  )
  return new Set(rows.map(([name]) => dayStart(String(name).slice(0, 10))))
}
