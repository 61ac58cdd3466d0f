import { partitionLength } from '@backtide/core/partition'
import { NOTHING_PLANNED, type PlannedObjects } from '@backtide/core/plan'
import { DAY_MS, type Range } from '@backtide/core/range'
import { addCounts, type StateCounts } from '@backtide/core/state'
import type { Dataset } from '@backtide/datasets/dataset'
import { ledgerStanding, type Standing } from '@backtide/store/ledger/ledger-standing'
import { NOT_THERE, NOT_TOLD, type SeenObject } from '@backtide/store/plans/plan-objects'
import type { Store } from '@backtide/store/store'
import { createHash } from 'node:crypto'
import { byObject, judgeOf, wantedObjects, type Claim, type Decision } from '../load/plan.ts'
import type { WantedObject } from '../load/object.ts'
import type { Account, ListedObject, ObjectStore } from '../objects/object-store.ts'
import { PART_BYTES } from '../objects/reading/read-object.ts'
import { listWanted } from './list-wanted.ts'

/** What a plan looks with. */
export interface PlanContext {
  readonly store: Store
  readonly dataset: Dataset
  readonly objects: ObjectStore
  readonly account: Account | undefined
  readonly signal: AbortSignal
  /** UTC milliseconds. */
  readonly now: () => number
}

/** What a plan asks by. */
export interface Looking {
  readonly symbols: readonly string[]
  readonly hours?: readonly number[] | undefined
  readonly claim: Claim
  readonly listed: (object: WantedObject) => boolean
  /** How large an object of a series is likely to be, bytes. */
  readonly sizeOf: (series: string) => number
}

/** What came of looking at some days. */
export interface PartSeen {
  readonly planned: PlannedObjects
  /** Requests for objects that the loads will make. */
  readonly gets: number
  readonly total: number
  readonly exact: boolean
  /** What the loads will ask for. */
  readonly seen: readonly SeenObject[]
  /** Start of the first partition that has something to load, by start of its day; UTC milliseconds. */
  readonly firsts: ReadonlyMap<number, number>
  /** Of what was seen, hexadecimal. */
  readonly hash: string
}

/** Looks at the objects of some days: what the ledger says, then what the archive lists of the rest. */
export async function lookAtPart(
  context: PlanContext,
  looking: Looking,
  range: Range,
): Promise<PartSeen> {
  const { store, dataset, signal } = context
  const { symbols, hours } = looking
  const rows = await ledgerStanding(store.db, { dataset: dataset.id, symbols, range }, signal)
  const judge = judgeOf(dataset, { ...looking, known: byObject(rows) })
  const wanted = wantedObjects(dataset, symbols, range, hours)
  const judged = wanted.map((object) => ({ object, ...judge(object) }))
  const asked = judged.filter(({ decision }) => decision === 'load' || decision === 'ifChanged')
  const keys = asked.map(({ object }) => object.key)
  const listing = await listWanted(context.objects, keys, context)
  const tally = createTally(context, looking, listing)
  for (const one of judged) await tally.add(one)
  return { ...tally.end(), total: wanted.length, exact: listing !== undefined }
}

interface Judged {
  readonly object: WantedObject
  readonly before: Standing | undefined
  readonly decision: Decision
}

function createTally(
  { dataset, objects, now }: PlanContext,
  { sizeOf }: Looking,
  listing: ReadonlyMap<string, ListedObject> | undefined,
) {
  const hash = createHash('sha256')
  const seen: SeenObject[] = []
  const firsts = new Map<number, number>()
  const finalAge = dataset.finalAfterDays * DAY_MS + partitionLength(dataset.granularity)
  const { load, kept, absent, ...counts } = structuredClone(NOTHING_PLANNED) as Mutable
  let { unchanged, notListed, skipped } = counts
  let gets = 0

  const ask = async ({ object: { partition, key, series }, before, decision }: Judged) => {
    const listed = listing?.get(key)
    const copy = await objects.keptCopy?.(key)
    const note = (etag: string, size: number) => void seen.push({ partition, key, etag, size })
    if (copy && decision === 'load') {
      note(copy.etag, copy.size)
      kept.objects += 1
      kept.bytes += copy.size
    } else if (listing && !listed) {
      note('', NOT_THERE)
      gets += 1
      absent[now() - partition > finalAge ? 'missing' : 'pending'] += 1
      return
    } else if (decision === 'ifChanged' && listed?.etag === before?.etag) {
      note(listed?.etag ?? '', listed?.size ?? NOT_TOLD)
      gets += 1
      unchanged += 1
      return
    } else {
      const size = listed?.size ?? sizeOf(series)
      note(listed?.etag ?? '', listed?.size ?? NOT_TOLD)
      gets += Math.max(1, Math.ceil(size / PART_BYTES))
      load.objects += 1
      load.bytes += size
    }
    const day = Math.floor(partition / DAY_MS) * DAY_MS
    firsts.set(day, Math.min(firsts.get(day) ?? partition, partition))
  }

  return {
    add: async (judged: Judged): Promise<void> => {
      const { object, before, decision } = judged
      const standing = before ? `${before.state} ${before.etag} ${before.decoderVersion}` : ''
      hash.update(`${object.partition} ${object.key} ${decision} ${standing}\n`)
      if (decision === 'skip') skipped = addCounts(skipped, oneOf(before))
      else if (decision === 'not_listed') notListed += 1
      else await ask(judged)
    },
    end: () => {
      for (const { key, etag, size } of seen) hash.update(`${key} ${etag} ${size}\n`)
      const planned = { load, kept, absent, unchanged, notListed, skipped }
      return { planned, gets, seen, firsts, hash: hash.digest('hex') }
    },
  }
}

function oneOf(before: Standing | undefined): StateCounts {
  return before ? { [before.state]: 1 } : {}
}

type Mutable = {
  -readonly [Field in keyof PlannedObjects]: PlannedObjects[Field] extends object
    ? { -readonly [Inner in keyof PlannedObjects[Field]]: PlannedObjects[Field][Inner] }
    : PlannedObjects[Field]
}
