import { hyperliquidInstruments } from './hyperliquid/instruments.ts'
import type { InstrumentSource } from './instrument-source.ts'

/** Every venue whose instruments are known. */
export const INSTRUMENT_SOURCES: readonly InstrumentSource[] = [hyperliquidInstruments]
