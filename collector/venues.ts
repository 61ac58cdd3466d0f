import { BINANCE_SPOT } from './venues/binance-spot.ts'
import { BINANCE_USDM } from './venues/binance-usdm.ts'
import { HYPERLIQUID_PERP, HYPERLIQUID_SPOT } from './venues/hyperliquid.ts'
import type { Venue } from './venue.ts'

/** Every market that can be collected. */
export const VENUES: readonly Venue[] = [
  HYPERLIQUID_PERP,
  HYPERLIQUID_SPOT,
  BINANCE_SPOT,
  BINANCE_USDM,
]
