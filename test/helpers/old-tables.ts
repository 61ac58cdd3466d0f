/** Tables exactly as Backtide 0.1.0 created them, with a few rows. */
export const OLD_TABLES = [
  `CREATE TABLE ledger (partition_ts TIMESTAMP, dataset SYMBOL, object VARCHAR, symbol VARCHAR, state SYMBOL, reason VARCHAR, backfill_id VARCHAR, decoder_version INT, etag VARCHAR, size LONG, content_hash VARCHAR, lines LONG, rows_decoded LONG, rows_distinct LONG, rows_superseded LONG, rows_foreign LONG, rejected LONG, warnings LONG, details VARCHAR, min_ts LONG, max_ts LONG, checked_at TIMESTAMP) TIMESTAMP(partition_ts) PARTITION BY DAY WAL DEDUP UPSERT KEYS(partition_ts, dataset, object)`,
  `INSERT INTO ledger VALUES
    ('2025-01-01T00', 'hyperliquid.l2_book', 'o/0', 'BTC', 'complete', '', 'k-1', 1, 'e0', 100, 'h0', 2, 2, 2, 0, 7, 0, 1, '{"warnings":{"crossed":1}}', 1735689600000000, 1735689600001000, '2025-01-02T00'),
    ('2025-01-01T01', 'hyperliquid.l2_book', 'o/1', 'BTC', 'missing', 'absent upstream', 'k-1', 1, '', 0, '', 0, 0, 0, 0, 0, 0, 0, '', NULL, NULL, '2025-01-02T00:00:01'),
    ('2025-01-20T00', 'hyperliquid.l2_book', 'o/2', 'ETH', 'failed', 'given up', 'k-1', 1, '', 0, '', 0, 0, 0, 0, 0, 0, 0, NULL, NULL, NULL, '2025-01-22T00')`,
  `CREATE TABLE ledger_log (ts TIMESTAMP, dataset SYMBOL, object VARCHAR, partition_ts TIMESTAMP, state SYMBOL, reason VARCHAR, backfill_id VARCHAR, decoder_version INT, etag VARCHAR, content_hash VARCHAR, rows_distinct LONG) TIMESTAMP(ts) PARTITION BY MONTH WAL DEDUP UPSERT KEYS(ts, dataset, object, backfill_id)`,
  `INSERT INTO ledger_log VALUES
    ('2025-01-02', 'hyperliquid.l2_book', 'o/0', '2025-01-01T00', 'complete', '', 'k-1', 1, 'e0', 'h0', 2),
    ('2025-02-02', 'hyperliquid.l2_book', 'o/2', '2025-01-20T00', 'failed', 'given up', 'k-1', 1, '', '', 0)`,
  `CREATE TABLE backfills (created_at TIMESTAMP, id VARCHAR, event SYMBOL, namespace SYMBOL, dataset SYMBOL, request_hash VARCHAR, request VARCHAR, retry_of VARCHAR, outcome SYMBOL, counts VARCHAR, rows_distinct LONG, reason VARCHAR, ended_at TIMESTAMP) TIMESTAMP(created_at) PARTITION BY MONTH WAL DEDUP UPSERT KEYS(created_at, id, event)`,
  `INSERT INTO backfills VALUES ('2025-01-02', 'k-1', 'accepted', 'default', 'hyperliquid.l2_book', 'hash', '{"dataset":"hyperliquid.l2_book"}', NULL, NULL, NULL, NULL, NULL, NULL)`,
  `CREATE TABLE l2_book (ts TIMESTAMP, ts_recv TIMESTAMP_NS, exchange SYMBOL, market SYMBOL, symbol SYMBOL, bids DOUBLE[][], asks DOUBLE[][]) TIMESTAMP(ts) PARTITION BY DAY WAL DEDUP UPSERT KEYS(ts, exchange, market, symbol, ts_recv)`,
  `INSERT INTO l2_book VALUES
    ('2025-01-01T00:00:00.000000Z', '2025-01-01T00:00:00.1'::timestamp_ns, 'hyperliquid', 'perp', 'BTC', ARRAY[[1.5],[2.0],[3.0]], ARRAY[[1.6],[2.0],[3.0]]),
    ('2025-01-02T00:00:00.000000Z', '2025-01-02T00:00:00.1'::timestamp_ns, 'hyperliquid', 'perp', 'BTC', ARRAY[[2.5],[2.0],[3.0]], ARRAY[[2.6],[2.0],[3.0]]),
    ('2025-01-01T00:00:01.000000Z', '2025-01-01T00:00:01.1'::timestamp_ns, 'hyperliquid', 'perp', '@107', ARRAY[[3.5],[2.0],[3.0]], ARRAY[[3.6],[2.0],[3.0]]),
    ('2025-01-01T00:00:01.000000Z', '2025-01-01T00:00:01.1'::timestamp_ns, 'hyperliquid', 'perp', 'PURR/USDC', ARRAY[[4.5],[2.0],[3.0]], ARRAY[[4.6],[2.0],[3.0]])`,
  `CREATE TABLE l2_snapshot (ts TIMESTAMP, ticker SYMBOL, side SYMBOL, level INT, price DOUBLE, quantity DOUBLE) TIMESTAMP(ts) PARTITION BY DAY WAL DEDUP UPSERT KEYS(ts, ticker, side, level)`,
  `INSERT INTO l2_snapshot VALUES ('2025-01-01', 'BTC', 'bid', 1, 1.5, 2)`,
  `CREATE TABLE asset_ctxs (ts TIMESTAMP, exchange SYMBOL, market SYMBOL, symbol SYMBOL, funding DOUBLE, open_interest DOUBLE, prev_day_px DOUBLE, day_ntl_vlm DOUBLE, premium DOUBLE, oracle_px DOUBLE, mark_px DOUBLE, mid_px DOUBLE, impact_bid_px DOUBLE, impact_ask_px DOUBLE) TIMESTAMP(ts) PARTITION BY DAY WAL DEDUP UPSERT KEYS(ts, exchange, market, symbol)`,
  `INSERT INTO asset_ctxs VALUES
    ('2025-01-01', 'hyperliquid', 'perp', 'BTC', 0.1, 1, 2, 3, NULL, 5, 6, 7, 8, 9),
    ('2025-01-01', 'hyperliquid', 'perp', '#123', 0.1, 1, 2, 3, NULL, 5, 6, 8, 8, 9)`,
]

/** What the names of all tables and views begin with, those of before and those of now. */
export const TABLE_NAMES = [
  'ledger',
  'backfills',
  'clean_points',
  'schema_versions',
  'l2_book',
  'l2_snapshot',
  'asset_ctxs',
  'workers',
  'instruments',
  'derived_days',
  'picks',
  'holes',
  'spending',
  'plans',
  'plan_objects',
]
