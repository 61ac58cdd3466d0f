import type { Dataset } from '../dataset.ts'
import { contextsIn, hyperliquidAssetCtxs } from '../hyperliquid/asset-ctxs.ts'
import { MADE_UP, sampleArchive } from './archive.ts'

/** Made-up asset contexts in the form of Hyperliquid's, in a table of their own. */
export const sampleAssetCtxs: Dataset = {
  ...hyperliquidAssetCtxs,
  id: 'sample.asset_ctxs',
  title: 'Made-up asset contexts to try Backtide with, not market data: as hyperliquid.asset_ctxs',
  source: sampleArchive(hyperliquidAssetCtxs.source),
  begins: Date.UTC(2025, 0, 1),
  ...contextsIn('sample_asset_ctxs', MADE_UP),
}
