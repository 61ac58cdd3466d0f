import type { Instrument, Listing } from '@backtide/core/instrument'
import type { HistoryRequest, RestSource } from './dataset.ts'

/** Asks a venue in turn; `nothing` where it says that it knows no such thing. */
export type AskVenue = (request: HistoryRequest) => Promise<readonly unknown[] | 'nothing'>

/** Where the instruments of a venue are listed. */
export interface InstrumentSource {
  readonly exchange: string
  /** Whose turns its requests take. */
  readonly source: RestSource
  /** All instruments there are, without dates. @throws Error when the answer is none */
  list(ask: AskVenue): Promise<readonly VenueInstrument[]>
  /** When one was traded first, and last where it is delisted. */
  dates(ask: AskVenue, instrument: VenueInstrument, now: number): Promise<Listing>
}

/** An instrument as its venue lists it. */
export interface VenueInstrument extends Omit<Instrument, keyof Listing | 'datesFrom'> {
  readonly isDelisted: boolean
}
