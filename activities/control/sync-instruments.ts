import type { KnownInstrument, Listing, SyncResult } from '@backtide/core/instrument'
import type { InstrumentSource, VenueInstrument } from '@backtide/datasets/instrument-source'
import { listInstruments, putInstruments } from '@backtide/store/instruments/instruments'
import type { Store } from '@backtide/store/store'
import type { AskHistory } from '../objects/rest/ask-history.ts'

export interface SyncContext {
  readonly store: Store
  readonly venue: InstrumentSource
  readonly ask: AskHistory
  /** UTC milliseconds. */
  readonly now: () => number
  readonly signal: AbortSignal
  /** Told how many are still without dates. */
  readonly report: (progress: { readonly undated: number }) => void
}

/** Dates are written so many at a time: an attempt that is cut short is not asked for twice. */
const TOGETHER = 20

/**
 * Lists what a venue has, and asks for the dates of what has none yet. An instrument that the venue
 * lists no longer stays as it was seen last.
 */
export async function syncInstruments(context: SyncContext): Promise<SyncResult> {
  const { store, venue, now, signal, report } = context
  await store.ensureTables([])
  const known = byName(await listInstruments(store.db, venue.exchange))
  const ask = (request: Parameters<AskHistory>[0]) => context.ask(request, signal)
  const listed = await venue.list(ask)
  const seen = new Map<VenueInstrument, KnownInstrument>(
    listed.map((one) => [one, knownAs(one, known(one), now())]),
  )
  await putInstruments(store.db, [...seen.values()])
  const undated = listed.filter((one) => isUndated(one, seen.get(one)))
  let dated = 0
  for (let start = 0; start < undated.length; start += TOGETHER) {
    report({ undated: undated.length - start })
    const some = undated.slice(start, start + TOGETHER)
    const dates = await Promise.all(some.map((one) => venue.dates(ask, one, now())))
    const rows = some.flatMap((one, at) => withDates(seen.get(one), dates[at]))
    await putInstruments(store.db, rows)
    dated += rows.length
  }
  return { instruments: listed.length, dated }
}

function byName(all: readonly KnownInstrument[]) {
  const known = new Map(all.map((one) => [nameOf(one), one]))
  return (one: VenueInstrument) => known.get(nameOf(one))
}

function nameOf({ market, symbol }: Pick<KnownInstrument, 'market' | 'symbol'>): string {
  return `${market} ${symbol}`
}

/** What is known of it stays; one that is traded again has no end any more. */
function knownAs(
  { isDelisted, ...facts }: VenueInstrument,
  before: KnownInstrument | undefined,
  now: number,
): KnownInstrument {
  const { listed, delisted, datesFrom, firstSeen = now } = before ?? {}
  return {
    ...facts,
    ...(listed !== undefined && { listed }),
    ...(isDelisted && delisted !== undefined && { delisted }),
    ...(datesFrom && { datesFrom }),
    firstSeen,
    seenAt: now,
  }
}

function isUndated({ isDelisted }: VenueInstrument, seen: KnownInstrument | undefined): boolean {
  return seen?.listed === undefined || (isDelisted && seen.delisted === undefined)
}

function withDates(
  seen: KnownInstrument | undefined,
  dates: Listing | undefined,
): readonly KnownInstrument[] {
  return seen && dates?.listed !== undefined ? [{ ...seen, ...dates, datesFrom: 'candles' }] : []
}
