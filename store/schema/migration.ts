import type { DataTable, TableDefinition } from '@backtide/core/table'
import type { QuestDb } from '../questdb.ts'

/** A table that Backtide creates; one of market data has a view too. */
export type OwnTable = TableDefinition & Partial<Pick<DataTable, 'view' | 'more'>>

/**
 * One change of shape: docs/adding-a-migration.md. It looks at what is there and does what is left to
 * do, so it may be killed anywhere, and run by two processes at once; a table that is not of the
 * shape it starts from it leaves alone.
 */
export interface Migration {
  /** Numbers ascend; a table whose noted version is this or more has it behind it. */
  readonly version: number
  readonly title: string
  /** Brings a table from the shape before to the one after; does nothing to all other tables. */
  run(db: QuestDb, table: OwnTable): Promise<void>
}
