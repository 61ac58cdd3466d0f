import type { ObjectContext, RecordReader } from '@backtide/datasets/dataset'
import { createBinanceTradeOracle } from './binance-trades.ts'
import { createBookOracle, createSnapshotOracle } from './books.ts'
import { createCandleOracle } from './candles.ts'
import { createContextOracle } from './contexts.ts'
import {
  createFundingOracle,
  createInterestOracle,
  createMarketDataOracle,
} from './contexts-made.ts'
import { createFillOracle, createTakerOracle } from './fills.ts'

/** Oracles by dataset: a reader that scans has one, or nothing says that it reads what it should. */
export const ORACLES: ReadonlyMap<string, (object: ObjectContext) => RecordReader> = new Map([
  ['hyperliquid.l2_book', createBookOracle],
  ['hyperliquid.l2_snapshot', createSnapshotOracle],
  ['hyperliquid.asset_ctxs', createContextOracle],
  ['hyperliquid.market_data', createMarketDataOracle],
  ['hyperliquid.funding_archive', createFundingOracle],
  ['hyperliquid.open_interest', createInterestOracle],
  ['hyperliquid.fills', createFillOracle],
  ['hyperliquid.trades', createTakerOracle],
  ['binance.klines', createCandleOracle],
  ['binance.trades', createBinanceTradeOracle],
  ['sample.l2_book', (object) => createBookOracle(object, 'sample_l2_book_all', 'sample')],
  ['sample.asset_ctxs', (object) => createContextOracle(object, 'sample_asset_ctxs_all', 'sample')],
])
