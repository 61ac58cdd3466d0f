/** Column types that Backtide creates in QuestDB. */
export type ColumnType =
  | 'TIMESTAMP'
  | 'TIMESTAMP_NS'
  | 'SYMBOL'
  | 'VARCHAR'
  | 'BOOLEAN'
  | 'INT'
  | 'LONG'
  | 'DOUBLE'
  | 'DOUBLE[][]'

/** Shape of one QuestDB table; always WAL, always deduplicated. */
export interface TableDefinition {
  readonly name: string
  /** Column name → type, in order; the first is the designated timestamp. */
  readonly columns: Readonly<Record<string, ColumnType>>
  readonly partitionBy: 'HOUR' | 'DAY' | 'MONTH' | 'YEAR'
  /** Names of the columns that make a row unique; the designated timestamp is one of them. */
  readonly keys: readonly string[]
}
