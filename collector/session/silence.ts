import type { Stream } from '../venue.ts'
import type { FeedLedger } from './feed-ledger.ts'
import type { Relay } from './relay.ts'
import type { Overdue } from './watch.ts'

/** Asks (REST) whether a stream that is silent has missed something. */
export type ConfirmQuiet = (stream: Stream) => Promise<Verdict>

type Verdict = 'quiet' | 'missed' | 'unknown'

/**
 * What follows from silence. A steady stream has missed something; another one is asked about first.
 * Whatever is not just quiet gets a new connection.
 */
export function judgeSilence({
  ledger,
  relay,
  confirmQuiet = () => Promise.resolve('unknown'),
}: {
  readonly ledger: FeedLedger
  readonly relay: Relay
  readonly confirmQuiet: ConfirmQuiet | undefined
}): (overdue: Overdue, signal: AbortSignal) => Promise<void> {
  return async ({ stream: name, what }, signal) => {
    const stream = ledger.stream(name)
    if (!stream) return
    const asked: Promise<Verdict> = stream.rhythm.steady
      ? Promise.resolve('missed')
      : confirmQuiet(stream)
    const verdict = await asked.catch(() => 'unknown' as const)
    if (signal.aborted) return
    if (verdict === 'quiet') return ledger.quiet(name)
    // Where ids or repeated records will tell, nobody needs to guess.
    const willTell = verdict === 'unknown' && what === 'silent' && stream.proof !== 'none'
    if (!willTell) ledger.missed(what, name)
    relay.renew(false)
  }
}
