import { dataTable } from '@backtide/core/table'

/**
 * Trades of every venue, a row a match. `trade_id` is the venue's, `side` the taker's (`buy` or `sell`),
 * `size` in units of the base; `ts_recv` where somebody saw it, and never a key.
 */
export const TRADES = dataTable({
  name: 'trades',
  columns: {
    ts: 'TIMESTAMP',
    exchange: 'SYMBOL',
    market: 'SYMBOL',
    symbol: 'SYMBOL',
    origin: 'SYMBOL',
    trade_id: 'VARCHAR',
    side: 'SYMBOL',
    price: 'DOUBLE',
    size: 'DOUBLE',
    ts_recv: 'TIMESTAMP_NS',
  },
  partitionBy: 'DAY',
  keys: ['ts', 'exchange', 'market', 'symbol', 'origin', 'trade_id'],
  picked: {
    by: ['exchange', 'market', 'symbol'],
    column: 'origin',
    priority: ['archive', 'rest', 'capture', 'node_trades', 'import'],
  },
})
