import type { DataTable } from '@backtide/core/table'
import type { Fence } from '../fence.ts'
import type { QuestDb } from '../questdb.ts'
import { identifier, sql } from '../sql.ts'

/** Drops a table that can be made anew; `ensureTables` creates it again, in the shape it has now. */
export async function dropDerived(db: QuestDb, { name }: DataTable, fence: Fence): Promise<void> {
  await db.execute(sql`DROP TABLE IF EXISTS ${identifier(name)}`, fence)
}
