import type { Dataset, ObjectContext, RecordReader, RecordSink, RejectReason } from '../dataset.ts'
import { TRADES } from '../unified/trades.ts'
import { isNearPartition, TOLERANCE_MS } from '../values/time.ts'
import { COIN, VENUE } from './archive.ts'
import { FINAL_AFTER_DAYS, NODE_DATA_BEGINS, nodeData } from './node-data.ts'
import { NodeTradeIds, parseNodeTrade, type NodeTrade } from './node-trade.ts'
import { COIN_TRADE_CHECK_SQL, TradeRows } from './trade-rows.ts'

/** What tells these rows from those of other archives of the same trades. */
const CONSTANTS = { ...VENUE, origin: 'node_trades' } as const

/**
 * Trades as a node wrote them, from March to June 2025: an hour of all coins an object, and not every
 * hour is there. They have no id of the venue: both orders are the id. `hyperliquid.trades` has them too,
 * as far as there are no fills; this one is to compare both where there are.
 */
export const hyperliquidTradesNode: Dataset = {
  id: 'hyperliquid.trades_node',
  title:
    'Hyperliquid trades of March to June 2025 as a node wrote them; rather use hyperliquid.trades',
  granularity: 'hour',
  symbols: 'all',
  symbolPattern: COIN,
  source: nodeData(() => ['node_trades']),
  begins: NODE_DATA_BEGINS.node_trades,
  finalAfterDays: FINAL_AFTER_DAYS,
  table: TRADES,
  symbolColumn: 'symbol',
  constants: CONSTANTS,
  record: ['ts', 'symbol', 'trade_id'],
  reachMs: TOLERANCE_MS,
  shortAfterMs: 600_000,
  checksum: COIN_TRADE_CHECK_SQL,
  inexact: [],
  formats: [
    {
      version: 1,
      container: 'lz4',
      createReader: (object) => new NodeTradeReader(object, CONSTANTS),
    },
  ],
}

/** Reader of an hour of all coins, for a dataset with these constants. */
export class NodeTradeReader implements RecordReader {
  readonly #object: ObjectContext
  readonly #ids = new NodeTradeIds()
  readonly #rows: TradeRows
  #trade: NodeTrade | undefined
  #id = ''

  constructor(object: ObjectContext, constants: Readonly<Record<string, string>>) {
    this.#object = object
    this.#rows = new TradeRows(constants)
  }

  parse(line: Buffer): true | RejectReason {
    const trade = parseNodeTrade(line)
    if (typeof trade === 'string') return trade
    if (!isNearPartition(trade.ts, this.#object)) return 'outside_partition'
    this.#trade = trade
    this.#id = this.#ids.of(trade, line)
    return true
  }

  write(records: RecordSink): void {
    const trade = this.#trade
    if (!trade) return
    this.#rows.write(trade, this.#id, 0, records)
    if (!trade.known) records.warn('unknown_field')
  }
}
