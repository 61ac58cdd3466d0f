import { doubleColumn, rowStart, textColumn } from '../ilp/names.ts'
import type { RecordSink } from '../dataset.ts'
import { checkTrade, tradeCheckSql, type TradeValues } from '../unified/trades-check.ts'
import { TRADES } from '../unified/trades.ts'
import {
  checkIntegerSql,
  checkKeySql,
  checkSymbol,
  checkSymbolSql,
  remainder,
} from '../values/checksum.ts'
import { marketOf } from './archive.ts'

/** A trade of any archive of the venue. */
export interface CoinTrade extends TradeValues {
  readonly coin: string
  /** UTC microseconds. */
  readonly ts: number
}

/** Writes trades of an object, of all coins, as rows of a dataset with these constants. */
export class TradeRows {
  readonly #constants: Readonly<Record<string, string>>
  readonly #coins = new Map<string, Coin>()

  constructor(constants: Readonly<Record<string, string>>) {
    this.#constants = constants
  }

  /** Commits a trade as a record of its id; of several with one id and time the highest rank stays. */
  write(trade: CoinTrade, id: string, rank: number, records: RecordSink): void {
    const { ts, coin: symbol } = trade
    const coin = this.#coinOf(symbol)
    const { rows } = records
    rows.begin(trade.isBuy ? coin.bought : coin.sold)
    rows.string(TRADE_ID, id)
    rows.double(PRICE, trade.price)
    rows.double(SIZE, trade.size)
    rows.end(ts)
    const key = remainder(remainder(ts) + coin.key + 3 * checkSymbol(id))
    records.commit({ ts, symbol, identity: id, rank, rows: 1, check: checkTrade(key, trade) })
  }

  #coinOf(symbol: string): Coin {
    const known = this.#coins.get(symbol)
    if (known) return known
    const symbols = { ...this.#constants, market: marketOf(symbol), symbol }
    const coin = {
      bought: rowStart(TRADES.name, { ...symbols, side: 'buy' }),
      sold: rowStart(TRADES.name, { ...symbols, side: 'sell' }),
      key: 2 * checkSymbol(symbol),
    }
    this.#coins.set(symbol, coin)
    return coin
  }
}

/** The check of such rows in SQL. */
export const COIN_TRADE_CHECK_SQL = tradeCheckSql(
  checkKeySql([checkIntegerSql('ts'), checkSymbolSql('symbol'), checkSymbolSql('trade_id')]),
)

/** A coin as rows name it: the start of its rows is written once, its part of their keys computed once. */
interface Coin {
  readonly bought: Buffer
  readonly sold: Buffer
  readonly key: number
}

const TRADE_ID = textColumn('trade_id')
const PRICE = doubleColumn('price')
const SIZE = doubleColumn('size')
