import type { Dataset } from '../dataset.ts'
import { OPEN_INTEREST } from '../unified/open-interest.ts'
import { contextsByMinute, type ContextColumn } from './asset-ctxs-by-minute.ts'
import { valueOf } from './asset-ctxs-row.ts'

const interestOf = valueOf('open_interest')
const markOf = valueOf('mark_px')

const COLUMNS: readonly ContextColumn[] = [
  { name: 'open_interest', of: interestOf },
  { name: 'notional', of: (numbers) => interestOf(numbers) * markOf(numbers) },
  { name: 'day_notional_volume', of: valueOf('day_ntl_vlm') },
]

/** Open interest in coins and at the mark price; negative near a delisting, which is kept and warned of. */
export const hyperliquidOpenInterest: Dataset = contextsByMinute({
  id: 'hyperliquid.open_interest',
  title: 'Hyperliquid open interest and volume of the last 24 hours, by the minute',
  table: OPEN_INTEREST,
  columns: COLUMNS,
  inexact: ['notional', 'day_notional_volume'],
})
