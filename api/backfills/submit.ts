import type { BackfillInput } from '@backtide/core/backfill'
import { LOAD_QUEUE } from '@backtide/core/ids'
import type { BackfillRequest } from '@backtide/core/request'
import type { Dataset } from '@backtide/datasets/dataset'
import { derivedOf } from '@backtide/datasets/derived/registry'
import type { BackfillRecord } from '@backtide/store/backfills/backfill-record'
import type { Deps } from '../deps.ts'
import { missingKey } from '../datasets/missing-key.ts'
import { invalidRequest, ProblemError } from '../http/problem.ts'
import type { Run } from '../temporal/runs.ts'
import { idOfKey, nextId, requestHash } from './identity.ts'
import { reconcile, recordOfRun } from './reconcile.ts'

/**
 * Objects a load activity takes at most: a day of four coins. A load waits once for all of them to be
 * applied, read back and recorded; with 24 the waits cost a quarter of the time (docs/performance.md).
 */
export const OBJECTS_PER_LOAD = 96

/** Ids tried before giving up: more than one is only needed when backfills close meanwhile. */
const MAX_TRIES = 8

/** What somebody asked for. */
export interface Submission {
  readonly request: BackfillRequest
  /** What was asked for where that is more than the venue still has: what tells equal requests. */
  readonly asked?: BackfillRequest
  /** Idempotency key: the same key is the same backfill for ever. */
  readonly key?: string | undefined
  readonly retryOf?: string
  /** When it was asked, UTC milliseconds. */
  readonly receivedAt: number
}

/**
 * Starts a backfill, or finds the one this request already is: with a key the one of the key;
 * without, an equal one that was still open when the request arrived.
 * @throws ProblemError 422 when the key belongs to another request, or the venue asks for a key that nobody gave
 */
export async function submit(deps: Deps, submission: Submission): Promise<BackfillRecord> {
  const off = missingKey(deps, datasetOf(deps, submission.request))
  if (off) throw invalidRequest([{ pointer: '/dataset', detail: `${off}.` }])
  const hash = requestHash(submission.asked ?? submission.request)
  return submission.key === undefined
    ? await submitUnkeyed(deps, submission, hash)
    : await submitKeyed(deps, submission, hash, submission.key)
}

async function submitKeyed(
  deps: Deps,
  submission: Submission,
  hash: string,
  key: string,
): Promise<BackfillRecord> {
  const id = idOfKey(key)
  const known = await deps.store.findBackfill(id)
  if (known) return sameRequest(known, hash)
  const started = await start(deps, submission, hash, id)
  if (started) return started
  const run = await deps.runs.describe(id)
  return sameRequest(run && (await adopt(deps, id, run)), hash)
}

async function submitUnkeyed(
  deps: Deps,
  submission: Submission,
  hash: string,
): Promise<BackfillRecord> {
  const taken: string[] = []
  const { granularity } = datasetOf(deps, submission.request)
  for (let tries = 0; tries < MAX_TRIES; tries += 1) {
    const records = await deps.store.backfillsOfRequest(hash)
    const open = await findOpen(deps, records, submission.receivedAt)
    if (open) return open
    taken.push(...records.map((record) => record.id))
    const id = nextId(submission.request, granularity, hash, taken)
    const record = (await start(deps, submission, hash, id)) ?? (await rival(deps, id, hash))
    if (record && wasOpen(record, submission.receivedAt)) return record
    taken.push(id)
  }
  const detail = 'Equal backfills keep starting and ending; send an Idempotency-Key to tell yours.'
  throw new ProblemError({ code: 'conflict', detail })
}

/** Starts a run and records it; undefined when the id is taken. */
async function start(
  deps: Deps,
  { request, retryOf }: Submission,
  hash: string,
  id: string,
): Promise<BackfillRecord | undefined> {
  const facts = { createdAt: deps.now(), requestHash: hash, ...(retryOf && { retryOf }) }
  const indexed = await deps.runs.indexed()
  const input = { ...inputOf(deps, request, id), ...facts, indexed, outcomes: indexed }
  if ((await deps.runs.start(input, { request, ...facts })) === 'exists') return undefined
  const { namespace } = deps.settings
  const record: BackfillRecord = { id, namespace, request, ...facts }
  await deps.store.putBackfill(record)
  return record
}

/** Workflow input: the dataset resolved into plain data, so that no replay needs the registry. */
function inputOf(
  deps: Deps,
  request: BackfillRequest,
  backfillId: string,
): Omit<BackfillInput, 'createdAt' | 'requestHash' | 'indexed'> {
  const { table, granularity } = datasetOf(deps, request)
  const derived = derivedOf(request.dataset)
  return {
    ...request,
    backfillId,
    table: table.view.name,
    granularity,
    objectsPerLoad: OBJECTS_PER_LOAD,
    tempo: deps.settings.tempo,
    loadQueue: LOAD_QUEUE,
    ...(derived.length > 0 && { derived }),
  }
}

/** The record of the run that holds an id, reconciled; undefined when it is another request's. */
async function rival(deps: Deps, id: string, hash: string): Promise<BackfillRecord | undefined> {
  const run = await deps.runs.describe(id)
  if (!run || run.memo?.requestHash !== hash) return undefined
  const record = await adopt(deps, id, run)
  return record && (await reconcile(deps, record)).record
}

/** The record of a run; written if nobody has: its API or its worker may have died before. */
async function adopt(deps: Deps, id: string, run: Run): Promise<BackfillRecord | undefined> {
  const known = await deps.store.findBackfill(id)
  if (known) return known
  const record = recordOfRun(id, run, deps.settings.namespace)
  if (record) await deps.store.putBackfill(record)
  return record
}

async function findOpen(
  deps: Deps,
  records: readonly BackfillRecord[],
  receivedAt: number,
): Promise<BackfillRecord | undefined> {
  for (const candidate of records) {
    // One of another namespace is another deployment's over the same QuestDB.
    if (candidate.namespace !== deps.settings.namespace) continue
    const { record } = await reconcile(deps, candidate)
    if (wasOpen(record, receivedAt)) return record
  }
  return undefined
}

/** Whether it was open when the request arrived: fifty equal requests at once are one backfill. */
function wasOpen(record: BackfillRecord, receivedAt: number): boolean {
  return !record.ended || record.ended.endedAt >= receivedAt
}

function sameRequest(record: BackfillRecord | undefined, hash: string): BackfillRecord {
  if (record?.requestHash === hash) return record
  const detail =
    'This Idempotency-Key was used for another request; send that one again or take a new key.'
  throw new ProblemError({ code: 'idempotency_key_reused', detail })
}

function datasetOf(deps: Deps, request: BackfillRequest): Dataset {
  const dataset = deps.registry.find(request.dataset)
  if (dataset) return dataset
  const detail = `Backtide has no dataset ${request.dataset} any more, so it cannot be loaded again.`
  throw new ProblemError({ code: 'conflict', detail })
}
