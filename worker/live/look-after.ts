import type { Collecting, Host } from '@backtide/collector/host'
import type { Hole } from '@backtide/core/hole'
import type { CollectProgress } from '@backtide/core/live'
import { timeOfText } from '@backtide/core/nano-time'
import type { Claim, Claims } from './claims.ts'

/** Looks after what is collected here and no attempt holds, until it is stopped. */
export interface LookingAfter {
  /** Looks now; resolves to whether anything is left that no attempt holds. */
  look(): Promise<boolean>
  stop(): void
}

export interface LookAfterOptions {
  readonly host: Pick<Host, 'all' | 'drop'>
  readonly server: string
  /** Assignments that an attempt holds. */
  readonly held: ReadonlySet<string>
  readonly claims: Pick<Claims, 'of'>
  readonly everyMs: number
  readonly putHole: (server: string, hole: Hole) => void
}

/**
 * While Temporal is away, and until another host brings data, collecting goes on with no attempt that
 * holds it. It ends when Temporal says that another host has it, or that nobody is to.
 */
export function lookAfter(options: LookAfterOptions): LookingAfter {
  const { host, held, claims, everyMs } = options
  let looking: Promise<boolean> | undefined

  async function settle(collecting: Collecting): Promise<boolean> {
    const claim = await claims.of(collecting.id)
    if (held.has(collecting.id)) return false
    if (claim.kind === 'free' || !hasArrived(claim)) return true
    await host.drop(collecting.id)
    if (claim.kind === 'taken') tellOverlap(options, collecting, claim.by)
    return false
  }

  const look = () => {
    looking ??= Promise.all(
      host
        .all()
        .filter(({ id }) => !held.has(id))
        .map(settle),
    )
      .then((left) => left.some(Boolean))
      .finally(() => (looking = undefined))
    return looking
  }
  const timer = setInterval(() => void look().catch(() => undefined), everyMs)
  return { look, stop: () => clearInterval(timer) }
}

/** The other brings all that it is to bring. */
function hasArrived(claim: Exclude<Claim, { kind: 'free' }>): boolean {
  return claim.kind === 'ended' || (claim.by.state === 'running' && claim.by.waiting.length === 0)
}

/**
 * Two hosts had it at once, and one of them a hole that is none: the one who took over, if this one
 * went on all the while; else this one, whose hole begins where the other's does.
 */
function tellOverlap(
  { server, putHole }: LookAfterOptions,
  collecting: Collecting,
  by: CollectProgress,
): void {
  const theirs = by.brokeOff && timeOfText(by.brokeOff.at)
  const refute = (whose: string, holes: readonly Hole[], evidence: string) => {
    for (const hole of holes) putHole(whose, { ...hole, state: 'refuted', evidence })
  }
  if (by.brokeOff && theirs !== undefined && collecting.since <= theirs) {
    const holes = collecting.holesFrom({ at: theirs, cause: by.brokeOff.cause })
    refute(by.server, holes, `${server} went on until ${by.server} brought everything`)
  } else if (collecting.brokeOff) {
    const holes = collecting.holesFrom(collecting.brokeOff)
    refute(server, holes, `${by.server} went on before: see its holes`)
  }
}
