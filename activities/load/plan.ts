import type { LoadInput, Reprocess } from '@backtide/core/backfill'
import { stateLookedAt } from '@backtide/core/backfill-options'
import { partitionLength, partitionsOf } from '@backtide/core/partition'
import type { Range } from '@backtide/core/range'
import { isListed, venueOf, type Listing } from '@backtide/core/instrument'
import { isRepairable } from '@backtide/core/repairable'
import { parseSeries } from '@backtide/core/series'
import { isComplete, isOpen } from '@backtide/core/state'
import { MOST_PARTS } from '@backtide/core/table'
import { versionAt, type Dataset } from '@backtide/datasets/dataset'
import { INSTRUMENT_SOURCES } from '@backtide/datasets/instruments'
import { listingsOf } from '@backtide/store/instruments/instruments'
import type { Standing } from '@backtide/store/ledger/ledger-standing'
import { listLedger } from '@backtide/store/ledger/list-ledger'
import type { LedgerRow } from '@backtide/store/ledger/ledger-row'
import type { LoadContext } from './context.ts'
import type { ObjectTask, PlannedPartition, WantedObject } from './object.ts'

/** What is to be done. */
export interface LoadPlan {
  /** By partition, ascending; partitions with nothing to load are left out. */
  readonly partitions: readonly PlannedPartition[]
  /** Of days when nobody traded them: only to be put on record. */
  readonly unlisted: readonly WantedObject[]
}

/** Asks the ledger, and nobody else, what is done already. */
export async function planLoad(
  { store, dataset, signal, now }: Pick<LoadContext, 'store' | 'dataset' | 'signal' | 'now'>,
  input: Omit<LoadInput, 'objects'>,
): Promise<LoadPlan> {
  const { symbols, partitions: range, hours } = input
  const rows = await listLedger(store.db, { dataset: dataset.id, symbols, range }, signal)
  const judge = judgeOf(dataset, {
    known: byObject(rows),
    listed: await findListed(store, dataset, symbols),
    claim: { ...input, now: now() },
  })
  const unlisted: WantedObject[] = []
  const partitions = partitionsOf(range, dataset.granularity, hours).map((start) => ({
    start,
    tasks: objectsOf(dataset, start, symbols).flatMap((wanted) => {
      const { before, decision } = judge(wanted)
      if (decision === 'not_listed') unlisted.push(wanted)
      return taskOf(wanted, before, decision) ?? []
    }),
  }))
  return { partitions: partitions.filter(({ tasks }) => tasks.length > 0), unlisted }
}

/** What it is judged by what to do with objects. */
export interface Grounds<Row extends Standing> {
  readonly known: (object: WantedObject) => Row | undefined
  readonly listed: (object: WantedObject) => boolean
  readonly claim: Claim
}

/** Says what is to be done with an object, and what the ledger says of it. */
export function judgeOf<Row extends Standing>(
  dataset: Dataset,
  { known, listed, claim }: Grounds<Row>,
): (object: WantedObject) => {
  readonly before: Row | undefined
  readonly decision: Decision
} {
  return (wanted) => {
    const before = known(wanted)
    const version = versionAt(dataset, wanted.partition, wanted.part)
    return { before, decision: decide(before, claim, version, listed(wanted)) }
  }
}

/** Whether the instrument of an object was traded then; what nobody knows was. */
export async function findListed(
  { db }: Pick<LoadContext['store'], 'db'>,
  { id, symbols, granularity }: Dataset,
  series: readonly string[],
): Promise<(object: WantedObject) => boolean> {
  const venue = venueOf(id)
  const isKnown = INSTRUMENT_SOURCES.some(({ exchange }) => exchange === venue)
  if (symbols === 'all' || !isKnown) return () => true
  const coins = [...new Set(series.map((one) => parseSeries(one).symbol))]
  const listings = await listingsOf(db, venue, coins)
  const length = partitionLength(granularity)
  return ({ partition, series: of }) => {
    const listing: Listing = listings.get(parseSeries(of).symbol) ?? {}
    return isListed(listing, { from: partition, to: partition + length })
  }
}

/** Every object of some series in a range, or in some hours of its days, by partition. */
export function wantedObjects(
  dataset: Dataset,
  series: readonly string[],
  range: Range,
  hours?: readonly number[],
): readonly WantedObject[] {
  return partitionsOf(range, dataset.granularity, hours).flatMap((start) =>
    objectsOf(dataset, start, series),
  )
}

/** Finds what the ledger says of an object. */
export function byObject<Row extends Pick<LedgerRow, 'partition' | 'object'>>(
  rows: readonly Row[],
): (object: WantedObject) => Row | undefined {
  const known = new Map(rows.map((row) => [`${row.partition} ${row.object}`, row]))
  return ({ partition, key }) => known.get(`${partition} ${key}`)
}

/** The first partitions that have so many objects together, one at least. */
export function takeObjects(
  partitions: readonly PlannedPartition[],
  objects: number,
): readonly PlannedPartition[] {
  let sum = 0
  const end = partitions.findIndex(({ tasks }) => (sum += tasks.length) > objects)
  return end < 0 ? partitions : partitions.slice(0, Math.max(1, end))
}

/** Whose load it is and what it loads again. */
export interface Claim {
  readonly backfillId: string
  readonly reprocess: Reprocess
  /** When it is decided, UTC milliseconds. */
  readonly now: number
}

/**
 * What to do with an object: `skip` it, fetch it `ifChanged`, or `load` it. A settled row that this
 * very backfill wrote is its own progress: after a crash it is not done twice, whatever the mode. Of what
 * was not listed nothing is fetched, unless `all` is asked for; one that was there all the same is loaded
 * as any other, and so is what dates that were corrected say was listed.
 */
export function decide(
  row: Standing | undefined,
  claim: Claim,
  version: number,
  listed: boolean,
): Decision {
  if (!listed && claim.reprocess !== 'all') {
    if (row?.state === 'not_listed') return 'skip'
    if (!row || wasNeverThere(row)) return 'not_listed'
  }
  if (row?.state === 'not_listed') return 'load'
  if (row && claim.reprocess === 'repairable') {
    return isRepairable(row, version, claim.now) ? 'load' : 'skip'
  }
  if (!row || (isOpen(row.state) && row.state !== 'pending')) return 'load'
  if (claim.reprocess === 'incomplete') return row.state === 'pending' ? 'load' : 'skip'
  if (row.backfillId === claim.backfillId) return 'skip'
  if (claim.reprocess === 'all' || claim.reprocess === row.state) return 'load'
  if (stateLookedAt(claim.reprocess)) return row.state === 'pending' ? 'load' : 'skip'
  return row.etag !== '' && row.decoderVersion === version ? 'ifChanged' : 'load'
}

export type Decision = 'skip' | 'ifChanged' | 'load' | 'not_listed'

function wasNeverThere({ state, etag }: Standing): boolean {
  return etag === '' && state !== 'unverified' && !isComplete(state)
}

function objectsOf(
  { source }: Dataset,
  partition: number,
  all: readonly string[],
): readonly WantedObject[] {
  return all.flatMap((series) =>
    source.objects(partition, series).map((key, part) => {
      if (part >= MOST_PARTS)
        throw new Error(`${key}: a partition has ${MOST_PARTS} objects at most`)
      return { partition, series, part, key }
    }),
  )
}

function taskOf(
  wanted: WantedObject,
  before: LedgerRow | undefined,
  decision: Decision,
): ObjectTask | undefined {
  if (decision === 'skip' || decision === 'not_listed') return undefined
  const unless = decision === 'ifChanged' && before ? { unlessEtag: before.etag } : {}
  return { ...wanted, ...(before ? { before } : {}), ...unless }
}
