import type { TableDefinition } from '@backtide/core/table'

/** The tables as Backtide 0.1.0 created them; what migrations start from, so never changed. */
export const LEDGER_V1: TableDefinition = {
  name: 'ledger',
  columns: {
    partition_ts: 'TIMESTAMP',
    dataset: 'SYMBOL',
    object: 'VARCHAR',
    symbol: 'VARCHAR',
    state: 'SYMBOL',
    reason: 'VARCHAR',
    backfill_id: 'VARCHAR',
    decoder_version: 'INT',
    etag: 'VARCHAR',
    size: 'LONG',
    content_hash: 'VARCHAR',
    lines: 'LONG',
    rows_decoded: 'LONG',
    rows_distinct: 'LONG',
    rows_superseded: 'LONG',
    rows_foreign: 'LONG',
    rejected: 'LONG',
    warnings: 'LONG',
    details: 'VARCHAR',
    min_ts: 'LONG',
    max_ts: 'LONG',
    checked_at: 'TIMESTAMP',
  },
  partitionBy: 'DAY',
  keys: ['partition_ts', 'dataset', 'object'],
}

export const LEDGER_LOG_V1: TableDefinition = {
  name: 'ledger_log',
  columns: {
    ts: 'TIMESTAMP',
    dataset: 'SYMBOL',
    object: 'VARCHAR',
    partition_ts: 'TIMESTAMP',
    state: 'SYMBOL',
    reason: 'VARCHAR',
    backfill_id: 'VARCHAR',
    decoder_version: 'INT',
    etag: 'VARCHAR',
    content_hash: 'VARCHAR',
    rows_distinct: 'LONG',
  },
  partitionBy: 'MONTH',
  keys: ['ts', 'dataset', 'object', 'backfill_id'],
}

/** Tables of market data. */
export const DATA_TABLES_V1: readonly TableDefinition[] = [
  {
    name: 'l2_book',
    columns: {
      ts: 'TIMESTAMP',
      ts_recv: 'TIMESTAMP_NS',
      exchange: 'SYMBOL',
      market: 'SYMBOL',
      symbol: 'SYMBOL',
      bids: 'DOUBLE[][]',
      asks: 'DOUBLE[][]',
    },
    partitionBy: 'DAY',
    keys: ['ts', 'exchange', 'market', 'symbol', 'ts_recv'],
  },
  {
    name: 'l2_snapshot',
    columns: {
      ts: 'TIMESTAMP',
      ticker: 'SYMBOL',
      side: 'SYMBOL',
      level: 'INT',
      price: 'DOUBLE',
      quantity: 'DOUBLE',
    },
    partitionBy: 'DAY',
    keys: ['ts', 'ticker', 'side', 'level'],
  },
  {
    name: 'asset_ctxs',
    columns: {
      ts: 'TIMESTAMP',
      exchange: 'SYMBOL',
      market: 'SYMBOL',
      symbol: 'SYMBOL',
      funding: 'DOUBLE',
      open_interest: 'DOUBLE',
      prev_day_px: 'DOUBLE',
      day_ntl_vlm: 'DOUBLE',
      premium: 'DOUBLE',
      oracle_px: 'DOUBLE',
      mark_px: 'DOUBLE',
      mid_px: 'DOUBLE',
      impact_bid_px: 'DOUBLE',
      impact_ask_px: 'DOUBLE',
    },
    partitionBy: 'DAY',
    keys: ['ts', 'exchange', 'market', 'symbol'],
  },
]

export const BACKFILLS_V1: TableDefinition = {
  name: 'backfills',
  columns: {
    created_at: 'TIMESTAMP',
    id: 'VARCHAR',
    event: 'SYMBOL',
    namespace: 'SYMBOL',
    dataset: 'SYMBOL',
    request_hash: 'VARCHAR',
    request: 'VARCHAR',
    retry_of: 'VARCHAR',
    outcome: 'SYMBOL',
    counts: 'VARCHAR',
    rows_distinct: 'LONG',
    reason: 'VARCHAR',
    ended_at: 'TIMESTAMP',
  },
  partitionBy: 'MONTH',
  keys: ['created_at', 'id', 'event'],
}
