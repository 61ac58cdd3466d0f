import type { Dataset } from '../dataset.ts'
import { bookTable, createL2BookReader, hyperliquidL2Book } from '../hyperliquid/l2-book.ts'
import { MADE_UP, sampleArchive } from './archive.ts'

/** Made-up order books in the form of Hyperliquid's, in a table of their own. */
export const sampleL2Book: Dataset = {
  ...hyperliquidL2Book,
  id: 'sample.l2_book',
  title: 'Made-up order books to try Backtide with, not market data: as hyperliquid.l2_book',
  source: sampleArchive(hyperliquidL2Book.source),
  begins: Date.UTC(2025, 0, 1),
  table: bookTable('sample_l2_book'),
  constants: MADE_UP,
  formats: hyperliquidL2Book.formats.map((format) => ({
    ...format,
    createReader: (object) => createL2BookReader(sampleL2Book, object),
  })),
}
