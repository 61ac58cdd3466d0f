import { binanceKlines } from './binance/klines.ts'
import { coinmarketcapFearGreed } from './coinmarketcap/fear-greed.ts'
import type { Dataset } from './dataset.ts'
import { binanceTrades } from './binance/trades.ts'
import { hyperliquidAssetCtxs } from './hyperliquid/asset-ctxs.ts'
import { hyperliquidCandles } from './hyperliquid/candles.ts'
import { hyperliquidFills } from './hyperliquid/fills.ts'
import { hyperliquidFunding } from './hyperliquid/funding.ts'
import { hyperliquidFundingArchive } from './hyperliquid/funding-archive.ts'
import { hyperliquidL2Book } from './hyperliquid/l2-book.ts'
import { hyperliquidL2Snapshot } from './hyperliquid/l2-snapshot.ts'
import { hyperliquidMarketData } from './hyperliquid/market-data.ts'
import { hyperliquidOpenInterest } from './hyperliquid/open-interest.ts'
import { hyperliquidTrades } from './hyperliquid/trades.ts'
import { hyperliquidTradesNode } from './hyperliquid/trades-node.ts'
import { checkDatasets } from './registry-checks.ts'
import { sampleAssetCtxs } from './sample/asset-ctxs.ts'
import { sampleL2Book } from './sample/l2-book.ts'

/** Datasets by id. */
export interface Registry {
  readonly all: readonly Dataset[]
  find(id: string): Dataset | undefined
}

/** @throws Error naming everything that is wrong with the datasets */
export function createRegistry(datasets: readonly Dataset[]): Registry {
  const faults = checkDatasets(datasets)
  if (faults.length > 0) throw new Error(`Wrong datasets: ${faults.join('; ')}.`)
  const byId = new Map(datasets.map((dataset) => [dataset.id, dataset]))
  return { all: datasets, find: (id) => byId.get(id) }
}

/** Every dataset there is. */
export const registry = createRegistry([
  hyperliquidL2Book,
  hyperliquidL2Snapshot,
  hyperliquidAssetCtxs,
  hyperliquidMarketData,
  hyperliquidFundingArchive,
  hyperliquidOpenInterest,
  hyperliquidFills,
  hyperliquidTrades,
  binanceKlines,
  hyperliquidTradesNode,
  hyperliquidCandles,
  hyperliquidFunding,
  binanceTrades,
  coinmarketcapFearGreed,
  sampleL2Book,
  sampleAssetCtxs,
])
