import type { Stream, Venue } from './venue.ts'

/** Where a venue is instead of where it is: the hosts of its sockets and of its REST. */
export interface VenueAddress {
  readonly baseUrl?: string | undefined
  readonly restUrl?: string | undefined
}

/** A venue at other addresses; paths beneath them are its own. */
export function venueAt(venue: Venue, { baseUrl, restUrl }: VenueAddress): Venue {
  const { snapshot } = venue
  const move = (stream: Stream): Stream =>
    baseUrl === undefined ? stream : { ...stream, url: rebase(stream.url, baseUrl) }
  return {
    ...venue,
    streams: (symbol, channel) => venue.streams(symbol, channel).map(move),
    ...(snapshot &&
      restUrl !== undefined && {
        snapshot: { ...snapshot, url: (symbol: string) => rebase(snapshot.url(symbol), restUrl) },
      }),
  }
}

function rebase(url: string, base: string): string {
  const { pathname, search } = new URL(url)
  return `${base.replace(/\/+$/, '')}${pathname}${search}`
}
