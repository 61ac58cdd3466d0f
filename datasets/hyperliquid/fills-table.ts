import { dataTable } from '@backtide/core/table'
import { FILL_VIEWS } from './fills-views.ts'

/**
 * Fills, a row a party of a match: to sum volume take those that are `crossed`, or `trades`. `side` is
 * the party's own, `fee` in units of `fee_token`, `ts_recv` when a node wrote it down.
 */
export const FILLS = dataTable({
  name: 'fills',
  columns: {
    ts: 'TIMESTAMP',
    exchange: 'SYMBOL',
    market: 'SYMBOL',
    symbol: 'SYMBOL',
    tid: 'LONG',
    side: 'SYMBOL',
    user: 'VARCHAR',
    price: 'DOUBLE',
    size: 'DOUBLE',
    crossed: 'BOOLEAN',
    dir: 'SYMBOL',
    start_position: 'DOUBLE',
    closed_pnl: 'DOUBLE',
    fee: 'DOUBLE',
    fee_token: 'SYMBOL',
    oid: 'LONG',
    hash: 'VARCHAR',
    cloid: 'VARCHAR',
    twap_id: 'LONG',
    builder: 'VARCHAR',
    builder_fee: 'DOUBLE',
    deployer_fee: 'DOUBLE',
    priority_gas: 'DOUBLE',
    liquidated_user: 'VARCHAR',
    liquidation_mark_price: 'DOUBLE',
    liquidation_method: 'SYMBOL',
    block_number: 'LONG',
    block_time: 'TIMESTAMP_NS',
    ts_recv: 'TIMESTAMP_NS',
  },
  partitionBy: 'DAY',
  keys: ['ts', 'exchange', 'market', 'symbol', 'tid', 'side', 'user'],
  more: FILL_VIEWS,
})
