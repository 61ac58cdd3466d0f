import type { Dataset, ObjectContext, RecordReader, RecordSink, RejectReason } from '../dataset.ts'
import { doubleColumn, rowStart, textColumn } from '../ilp/names.ts'
import type { RowWriter } from '../ilp/row-writer.ts'
import { TRADES } from '../unified/trades.ts'
import { checkTrade, tradeCheckSql } from '../unified/trades-check.ts'
import {
  checkIntegerSql,
  checkKeySql,
  checkSymbol,
  checkSymbolSql,
  remainder,
} from '../values/checksum.ts'
import { isNearPartition, TOLERANCE_MS } from '../values/time.ts'
import { COIN, marketOf, nodeData, VENUE } from './archive.ts'
import { NodeTradeIds, parseNodeTrade, type NodeTrade } from './node-trade.ts'

/** What tells these rows from those of other archives of the same trades. */
const CONSTANTS = { ...VENUE, origin: 'node_trades' } as const

/**
 * Trades as a node wrote them, from March to June 2025: an hour of all coins an object, and not every
 * hour is there. They have no id of the venue: both orders are the id.
 */
export const hyperliquidTradesNode: Dataset = {
  id: 'hyperliquid.trades_node',
  title: 'Hyperliquid trades of March to June 2025, every coin, as a node wrote them',
  granularity: 'hour',
  symbols: 'all',
  symbolPattern: COIN,
  source: nodeData('node_trades'),
  begins: Date.UTC(2025, 2, 22, 10),
  finalAfterDays: 3,
  table: TRADES,
  symbolColumn: 'symbol',
  constants: CONSTANTS,
  record: ['ts', 'symbol', 'trade_id'],
  reachMs: TOLERANCE_MS,
  shortAfterMs: 600_000,
  checksum: tradeCheckSql(
    checkKeySql([checkIntegerSql('ts'), checkSymbolSql('symbol'), checkSymbolSql('trade_id')]),
  ),
  inexact: [],
  formats: [
    { version: 1, container: 'lz4', createReader: (object) => new NodeTradeReader(object) },
  ],
}

/** Reader of an hour of all coins. */
class NodeTradeReader implements RecordReader {
  readonly #object: ObjectContext
  readonly #ids = new NodeTradeIds()
  readonly #coins = new Map<string, Coin>()
  #trade: NodeTrade | undefined
  #id = ''

  constructor(object: ObjectContext) {
    this.#object = object
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
    const { ts, coin: symbol } = trade
    const coin = this.#coinOf(symbol)
    const id = this.#id
    writeTrade(trade, id, trade.isBuy ? coin.bought : coin.sold, records.rows)
    const key = remainder(remainder(ts) + coin.key + 3 * checkSymbol(id))
    records.commit({ ts, symbol, identity: id, rank: 0, rows: 1, check: checkTrade(key, trade) })
    if (!trade.known) records.warn('unknown_field')
  }

  #coinOf(symbol: string): Coin {
    const known = this.#coins.get(symbol)
    if (known) return known
    const symbols = { ...CONSTANTS, market: marketOf(symbol), symbol }
    const coin = {
      bought: rowStart(TRADES.name, { ...symbols, side: 'buy' }),
      sold: rowStart(TRADES.name, { ...symbols, side: 'sell' }),
      key: 2 * checkSymbol(symbol),
    }
    this.#coins.set(symbol, coin)
    return coin
  }
}

/** A coin as rows name it: the start of its rows is written once, its part of their keys computed once. */
interface Coin {
  readonly bought: Buffer
  readonly sold: Buffer
  readonly key: number
}

const TRADE_ID = textColumn('trade_id')
const PRICE = doubleColumn('price')
const SIZE = doubleColumn('size')

function writeTrade({ ts, price, size }: NodeTrade, id: string, start: Buffer, rows: RowWriter) {
  rows.begin(start)
  rows.string(TRADE_ID, id)
  rows.double(PRICE, price)
  rows.double(SIZE, size)
  rows.end(ts)
}
