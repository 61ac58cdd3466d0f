import type { Dataset } from '../dataset.ts'
import {
  contextTable,
  createContextReader,
  hyperliquidAssetCtxs,
} from '../hyperliquid/asset-ctxs.ts'
import { MADE_UP, sampleArchive } from './archive.ts'

/** Made-up asset contexts in the form of Hyperliquid's, in a table of their own. */
export const sampleAssetCtxs: Dataset = {
  ...hyperliquidAssetCtxs,
  id: 'sample.asset_ctxs',
  title: 'Made-up asset contexts to try Backtide with, not market data: as hyperliquid.asset_ctxs',
  source: sampleArchive(hyperliquidAssetCtxs.source),
  begins: Date.UTC(2025, 0, 1),
  table: contextTable('sample_asset_ctxs'),
  constants: MADE_UP,
  formats: hyperliquidAssetCtxs.formats.map((format) => ({
    ...format,
    createReader: (object) => createContextReader(sampleAssetCtxs, object),
  })),
}
