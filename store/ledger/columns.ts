import type { ColumnType } from '@backtide/core/table'
import type { TableRow } from '../insert-rows.ts'
import type { Row } from '../questdb.ts'
import type { LedgerRow } from './ledger-row.ts'

/** Where the ledger keeps a field: tables, writer and reader go by this. */
export interface LedgerColumn {
  readonly column: string
  /** TIMESTAMP holds UTC milliseconds of the field; 0 is kept as NULL. */
  readonly type: ColumnType & ('TIMESTAMP' | 'SYMBOL' | 'VARCHAR' | 'INT' | 'LONG')
  /** NULL is `undefined`, not `''` or 0. */
  readonly optional?: true
  /** Kept in `ledger_log` too. */
  readonly logged?: true
}

/** Every field of a row of the ledger and its column, in the order of the table. */
export const LEDGER_COLUMNS: Readonly<Record<keyof LedgerRow, LedgerColumn>> = {
  partition: { column: 'partition_ts', type: 'TIMESTAMP', logged: true },
  dataset: { column: 'dataset', type: 'SYMBOL', logged: true },
  object: { column: 'object', type: 'VARCHAR', logged: true },
  symbol: { column: 'symbol', type: 'VARCHAR' },
  state: { column: 'state', type: 'SYMBOL', logged: true },
  reason: { column: 'reason', type: 'VARCHAR', logged: true },
  backfillId: { column: 'backfill_id', type: 'VARCHAR', logged: true },
  decoderVersion: { column: 'decoder_version', type: 'INT', logged: true },
  etag: { column: 'etag', type: 'VARCHAR', logged: true },
  size: { column: 'size', type: 'LONG' },
  contentHash: { column: 'content_hash', type: 'VARCHAR', logged: true },
  lines: { column: 'lines', type: 'LONG' },
  rows: { column: 'rows_decoded', type: 'LONG' },
  distinctRows: { column: 'rows_distinct', type: 'LONG', logged: true },
  superseded: { column: 'rows_superseded', type: 'LONG' },
  ghosts: { column: 'rows_ghosts', type: 'LONG', logged: true },
  rejected: { column: 'rejected', type: 'LONG' },
  warnings: { column: 'warnings', type: 'LONG' },
  details: { column: 'details', type: 'VARCHAR' },
  minTs: { column: 'min_ts', type: 'LONG', optional: true },
  maxTs: { column: 'max_ts', type: 'LONG', optional: true },
  check: { column: 'row_check', type: 'LONG', optional: true, logged: true },
  epoch: { column: 'epoch', type: 'TIMESTAMP', logged: true },
  checkedAt: { column: 'checked_at', type: 'TIMESTAMP' },
}

/** Names and types of the ledger's columns, or of those that `ledger_log` has too. */
export function columnTypes(of: 'ledger' | 'log'): Readonly<Record<string, ColumnType>> {
  return Object.fromEntries(COLUMNS_OF[of].map(([, { column, type }]) => [column, type]))
}

/** A row as the ledger or its log keeps it; the log's time of the transition is added by its writer. */
export function tableRow(row: LedgerRow, of: 'ledger' | 'log'): TableRow {
  return Object.fromEntries(
    COLUMNS_OF[of].map(([field, { column, type }]) => [
      column,
      type === 'TIMESTAMP' && row[field] === 0 ? undefined : row[field],
    ]),
  )
}

/** A row that was asked for by the names of `columnTypes('ledger')`, in their order. */
export function ledgerRowOf(values: Row): LedgerRow {
  const fields = COLUMNS_OF.ledger.map(([field, column], index) => [
    field,
    fieldOf(values[index] ?? null, column),
  ])
  return Object.fromEntries(fields.filter(([, value]) => value !== undefined)) as LedgerRow
}

function fieldOf(value: Row[number], { type, optional }: LedgerColumn): unknown {
  if (value === null && optional) return undefined
  if (type === 'TIMESTAMP') return value === null ? 0 : Date.parse(String(value))
  return type === 'INT' || type === 'LONG' ? Number(value ?? 0) : String(value ?? '')
}

const ALL = Object.entries(LEDGER_COLUMNS) as [keyof LedgerRow, LedgerColumn][]

const COLUMNS_OF = { ledger: ALL, log: ALL.filter(([, { logged }]) => logged) }
