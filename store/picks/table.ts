import type { TableDefinition } from '@backtide/core/table'

/**
 * Which origin readers see of a series, from `ts` until `until`: the views of tables that several origins
 * fill are joined to it. A row ends with its UTC day at the latest, so that nobody who settles a day
 * touches what another day says. `interval` is `*` where a table has none. By MONTH: 96 memory maps a year.
 */
export const PICKS: TableDefinition = {
  name: 'picks',
  columns: {
    ts: 'TIMESTAMP',
    until: 'TIMESTAMP',
    table_name: 'SYMBOL',
    exchange: 'SYMBOL',
    market: 'SYMBOL',
    symbol: 'SYMBOL',
    interval: 'SYMBOL',
    origin: 'SYMBOL',
  },
  partitionBy: 'MONTH',
  keys: ['ts', 'table_name', 'exchange', 'market', 'symbol', 'interval'],
}

/** What stands for the interval of a series that has none: keys are never NULL. */
export const NO_INTERVAL = '*'
