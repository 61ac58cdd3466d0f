import { VENUES } from '@backtide/collector/venues'
import { venueAt } from '@backtide/collector/venue-at'
import type { HostOptions } from '@backtide/collector/host'
import { createStore } from '@backtide/store/store'
import type { Client } from '@temporalio/client'
import type { Logger } from 'pino'
import { createCaptureBucket } from '../capture-bucket.ts'
import type { Config } from '../config.ts'
import { IDENTITY } from '../status.ts'
import { openLive, type Live } from './open-live.ts'

/** Opens what the configuration says; see `openLive`. */
export async function startLive(
  config: Pick<Config, 'live' | 'questdb' | 's3Endpoint' | 's3Credentials'>,
  client: Client,
  log: Logger,
): Promise<Live> {
  const { live, questdb, s3Endpoint, s3Credentials } = config
  const reached = {
    ...(s3Endpoint && { endpoint: s3Endpoint }),
    ...(s3Credentials && { credentials: s3Credentials }),
  }
  return await openLive({
    root: live.dir,
    venueOf: venuesAt(live.markets),
    ...(live.bucket && { bucket: createCaptureBucket(live.bucket, reached) }),
    keepLocal: live.keepLocal,
    identity: IDENTITY,
    client,
    store: createStore({ conf: questdb }),
    alarm: (message, error) => log.warn({ ...(error !== undefined && { error }) }, message),
  })
}

/** The venues there are, at the addresses that are configured for some. */
function venuesAt(markets: Config['live']['markets']): HostOptions['venueOf'] {
  return (exchange, market) => {
    const isIt = (one: { readonly exchange: string; readonly market: string }) =>
      one.exchange === exchange && one.market === market
    const venue = VENUES.find(isIt)
    const address = markets.find((one) => isIt(one) && (one.baseUrl ?? one.restUrl) !== undefined)
    return venue && address ? venueAt(venue, address) : venue
  }
}
