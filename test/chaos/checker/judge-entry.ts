import { DAY_MS, HOUR_MS } from '@backtide/core/range'
import { keyOf, type History } from '../archive/history.ts'
import type { Place } from '../archive/lines.ts'
import { FINAL_AFTER_DAYS } from '../archive/plan.ts'
import type { Version } from '../archive/version.ts'
import type { RowDifference } from './compare-rows.ts'
import { expectObject } from './expect.ts'
import type { Layout } from './layouts.ts'
import type { LedgerEntry } from './read.ts'

/** What a ledger row comes to. */
export interface EntryVerdict {
  /** The version whose rows the table must hold; none when it must hold no row of the object. */
  readonly version?: Version
  /** What is wrong with the row; undefined when nothing is. */
  readonly wrong?: string
  /** It says itself that rows of the object could not be settled. */
  readonly claim?: Claim
}

/** A `degraded` object that names rows which are not as they should be. */
export interface Claim {
  /** What may be wrong with rows of it. */
  readonly excuses: readonly RowDifference['kind'][]
  /** What is wrong when no row is; nothing where it is not known. */
  readonly unfounded: string | undefined
}

/** Compares what the ledger says of an object with what the archive holds and held. */
export function judgeEntry(
  place: Place,
  entry: LedgerEntry | undefined,
  layout: Layout,
  { history, now }: { readonly history: History; readonly now: number },
): EntryVerdict {
  const key = keyOf(place)
  const current = history.current(key)
  // What is gone upstream stays as it was loaded, if it was.
  const version = current ?? (entry && history.version(key, entry.etag))
  if (!entry) return { ...(version && { version }), wrong: 'no ledger row' }
  if (!version) return judgeAbsent(place, entry, now)
  return { version, ...judgeLoaded(key, entry, version, layout, history) }
}

function judgeAbsent({ hour }: Place, entry: LedgerEntry, now: number): { wrong?: string } {
  if (entry.etag !== '') return { wrong: `etag ${entry.etag} of a version that never was` }
  const age = now - (hour + HOUR_MS) - FINAL_AFTER_DAYS * DAY_MS
  // An object may come of age while nobody looks.
  const allowed = age > HOUR_MS ? ['missing'] : age > 0 ? ['missing', 'pending'] : ['pending']
  if (allowed.includes(entry.state)) return {}
  return { wrong: `${told(entry)}, expected ${allowed.join(' or ')}: it was never loaded` }
}

function judgeLoaded(
  key: string,
  entry: LedgerEntry,
  version: Version,
  layout: Layout,
  history: History,
): Omit<EntryVerdict, 'version'> {
  const expected = expectObject(version, layout)
  const said = history.version(key, entry.etag)
  if (said !== version && said?.bytes.equals(version.bytes) !== true) {
    const found = said ? `of an earlier version (${said.label})` : 'of a version that never was'
    return { wrong: `${told(entry)}, etag ${found}; it holds ${version.label}` }
  }
  const otherwise = `${told(entry)}, expected ${expected.state} (${version.label})`
  const excuses = excusesOf(entry, history.current(key) !== undefined)
  const unfounded = /may differ/.test(entry.reason) ? undefined : `${otherwise}: no row differs`
  if (excuses) return { claim: { excuses, unfounded } }
  if (entry.state !== expected.state) return { wrong: otherwise }
  if (entry.rows === expected.rows) return {}
  return { wrong: `${entry.state} with ${entry.rows} rows, expected ${expected.rows}` }
}

/** What is gone upstream cannot be sent again; what is there can be, so only ghosts may be left of it. */
function excusesOf({ state, reason }: LedgerEntry, isThere: boolean): Claim['excuses'] | undefined {
  if (state !== 'degraded') return undefined
  if (/ghost/.test(reason)) return ['surplus']
  return !isThere && /rows (may )?differ/.test(reason)
    ? ['surplus', 'missing', 'different']
    : undefined
}

function told({ state, reason }: LedgerEntry): string {
  return reason === '' ? state : `${state} (${reason})`
}
