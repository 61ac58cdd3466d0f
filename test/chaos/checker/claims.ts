import { HOUR_MS } from '@backtide/core/range'
import { keyOf } from '../archive/history.ts'
import type { Place } from '../archive/lines.ts'
import type { RowDifference } from './compare-rows.ts'
import type { Claim, EntryVerdict } from './judge-entry.ts'

/** What is left of differences when degraded objects have named theirs. */
export interface SettledClaims {
  readonly excused: readonly RowDifference[]
  readonly left: readonly RowDifference[]
  /** Objects that name rows, none of which differs. */
  readonly unfounded: readonly { readonly object: string; readonly wrong: string }[]
}

/** Tells differences that a degraded object names from those that nobody names. One coin's. */
export function settleClaims(
  differences: readonly RowDifference[],
  verdicts: readonly (readonly [Place, EntryVerdict])[],
): SettledClaims {
  const claims = verdicts.flatMap(([place, { claim }]) => (claim ? [{ place, claim }] : []))
  const isExcused = (one: RowDifference) => claims.some((each) => covers(each, one))
  return {
    excused: differences.filter(isExcused),
    left: differences.filter((one) => !isExcused(one)),
    unfounded: claims
      .filter((each) => !differences.some((one) => covers(each, one)))
      .flatMap(({ place, claim }) =>
        claim.unfounded === undefined ? [] : { object: keyOf(place), wrong: claim.unfounded },
      ),
  }
}

interface PlacedClaim {
  readonly place: Place
  readonly claim: Claim
}

function covers({ place, claim }: PlacedClaim, { kind, key }: RowDifference): boolean {
  const at = Date.parse(key.split(' ')[1] ?? '')
  const [from, to] = [place.hour - SEAM_MS, place.hour + HOUR_MS + SEAM_MS]
  return claim.excuses.includes(kind) && at >= from && at < to
}

/** How far rows of an object may be stamped outside of its hour. */
const SEAM_MS = 300_000
