import type { Dataset } from '../dataset.ts'
import { FUNDING } from '../unified/funding.ts'
import { contextsByMinute, type ContextColumn } from './asset-ctxs-by-minute.ts'
import { valueOf } from './asset-ctxs-row.ts'

const COLUMNS: readonly ContextColumn[] = [
  { name: 'rate', isRate: true, of: valueOf('funding') },
  { name: 'premium', isRate: true, of: valueOf('premium') },
  { name: 'mark_price', of: valueOf('mark_px') },
  { name: 'oracle_price', of: valueOf('oracle_px') },
  { name: 'mid_price', of: valueOf('mid_px') },
]

/** Funding as it stood every minute; the rate of its first weeks is as it was, of eight hours. */
export const hyperliquidFundingArchive: Dataset = contextsByMinute({
  id: 'hyperliquid.funding_archive',
  title:
    'Hyperliquid funding as it stood, with premium and prices, by the minute; until 2023-06-08T00:05Z a rate of eight hours, hourly since',
  table: FUNDING,
  columns: COLUMNS,
  inexact: [],
})
