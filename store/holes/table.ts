import type { TableDefinition } from '@backtide/core/table'

/**
 * Every interval in which a feed may have missed something, a row for each channel of its stream; what
 * becomes of a hole replaces its row, and none is ever deleted.
 */
export const HOLES: TableDefinition = {
  name: 'holes',
  columns: {
    ts: 'TIMESTAMP',
    until: 'TIMESTAMP',
    exchange: 'SYMBOL',
    market: 'SYMBOL',
    symbol: 'SYMBOL',
    channel: 'SYMBOL',
    stream: 'VARCHAR',
    server: 'SYMBOL',
    cause: 'SYMBOL',
    state: 'SYMBOL',
    evidence: 'VARCHAR',
  },
  partitionBy: 'MONTH',
  keys: ['ts', 'exchange', 'market', 'symbol', 'channel', 'stream', 'server'],
}
