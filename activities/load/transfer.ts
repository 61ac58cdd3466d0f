import { stateLookedAt, type Reprocess } from '@backtide/core/backfill-options'
import { isOpen } from '@backtide/core/state'
import type { Dataset } from '@backtide/datasets/dataset'
import { knownObjects } from '@backtide/store/ledger/known-objects'
import { writeLedger } from '@backtide/store/ledger/write-ledger'
import type { Store } from '@backtide/store/store'
import type { RowWrite } from '@backtide/store/row-write'
import { assertApplying } from '@backtide/store/wait-applied'
import type { Witnesses } from '../objects/object-store.ts'
import { createBodySender, type BodySender } from './body-sender.ts'
import { waitInTurn, type LoadContext, type TransferContext } from './context.ts'
import { resultOf } from './fetch-object.ts'
import { reloadingRow } from './ledger-row.ts'
import { mergeObjects } from './merge-objects.ts'
import type { LoadedPartition, ObjectResult, ObjectTask, PlannedPartition } from './object.ts'
import { closeAll, readAhead, type OpenPartition } from './read-ahead.ts'

/**
 * Sends what there is and waits until it is in the table. `asOne` makes it one transaction instead of
 * one a body, for a day that has later rows: partitions that would be too much for it are left.
 */
export async function transfer(
  context: LoadContext,
  partitions: readonly PlannedPartition[],
  asOne: boolean,
): Promise<readonly LoadedPartition[]> {
  if (partitions.length === 0) return []
  const { flow, store, dataset, signal, limits } = context
  const most = asOne ? limits.transactionBytes : Number.POSITIVE_INFINITY
  return await flow.run(async () => {
    // A suspended table would take the rows and not apply them: nothing is sent to it.
    await assertApplying(store.db, dataset.table.name, signal)
    const sender = openSender(context, asOne ? most : 0)
    const stop = () => sender.close()
    signal.addEventListener('abort', stop, { once: true })
    try {
      const witnesses = witnessesOf(context, partitions)
      const current = wantsCurrent(context.reprocess)
      const fetch = { signal, witnesses, current, account: context.account }
      const beforeRows = (found: readonly ObjectTask[]) => announce(context, found)
      const way = { sender, enoughBytes: most, beforeRows }
      const sent = await sendPartitions({ ...context, fetch }, partitions, way)
      tellOf(context, sent)
      if (sender.bytes > 0) await waitInTurn(context)
      return sent
    } finally {
      signal.removeEventListener('abort', stop)
    }
  }, signal)
}

/** Where rows go. */
export interface RowWay {
  readonly sender: BodySender
  /** Bytes of rows after which no further partition is begun. */
  readonly enoughBytes: number
  /** Told of the objects of a partition that were found, before the first row of them is sent. */
  readonly beforeRows: (found: readonly ObjectTask[]) => Promise<void>
}

/**
 * Fetches, decodes, merges and sends the planned objects, partition after partition in ascending
 * order: one writer, one pass over the day. What comes next is fetched and decoded while this one is
 * sent. Resolves when all rows were committed, which is not yet applied; partitions beyond
 * `enoughBytes`, or the allowance, are not begun.
 */
export async function sendPartitions(
  context: TransferContext,
  partitions: readonly PlannedPartition[],
  way: RowWay,
): Promise<readonly LoadedPartition[]> {
  const { sender, enoughBytes } = way
  const done: LoadedPartition[] = []
  // What is opened is paid for: no more than will be sent, as far as can be told.
  const hasRoom = (ahead: number) =>
    context.allowance?.stop() === undefined &&
    (done.length === 0 || (sender.bytes / done.length) * (done.length + ahead) < enoughBytes)
  const ahead = readAhead(context, partitions, hasRoom)
  try {
    for (let open = await ahead.next(); open; open = await ahead.next()) {
      const results = await sendPartition(open, way)
      done.push({ start: open.start, results })
    }
    await sender.flush()
    return done
  } finally {
    sender.close()
    await ahead.close()
  }
}

async function sendPartition(
  { objects }: OpenPartition,
  { sender, beforeRows }: RowWay,
): Promise<readonly ObjectResult[]> {
  try {
    await beforeRows(
      objects.flatMap(({ fetched }) => (fetched.found === 'open' ? fetched.task : [])),
    )
    await mergeObjects(
      objects.flatMap(({ decoding }) => decoding ?? []),
      sender,
    )
    return objects.map(({ fetched, decoding }) => resultOf(fetched, decoding))
  } finally {
    closeAll(objects)
  }
}

/**
 * Objects of a dataset that should be there: those that the ledger knows, else, for the first load
 * there ever was, some of its own, spread over its partitions.
 */
export function witnessesOf(
  { store, dataset }: { readonly store: Store; readonly dataset: Dataset },
  partitions: readonly PlannedPartition[],
): Witnesses {
  // Without the load's signal: other loads may wait for what is asked for this one.
  return async () => {
    const known = await knownObjects(store.db, dataset.id, MOST_WITNESSES)
    if (known.length > 0) return known
    const keys = partitions.flatMap(({ tasks }) => tasks.map(({ key }) => key))
    const step = Math.max(1, Math.ceil(keys.length / MOST_WITNESSES))
    return keys.filter((_, index) => index % step === 0)
  }
}

const MOST_WITNESSES = 8

/** Each body is a transaction where `commitBytes` is 0. */
function openSender(context: LoadContext, commitBytes: number): BodySender {
  const { store, dataset, fence, limits, metrics } = context
  const open = () => measureWrite(store.db.openWrite(), dataset.table.name, metrics)
  return createBodySender({ open, fence, bodyBytes: limits.bodyBytes, commitBytes })
}

/** The same transaction, counting its bytes and the time that they and the commit take. */
function measureWrite(
  rows: RowWrite,
  table: string,
  { writtenBytes, sendSeconds }: LoadContext['metrics'],
): RowWrite {
  let spentMs = 0
  const timed = async (step: Promise<void>) => {
    const since = performance.now()
    await step
    spentMs += performance.now() - since
  }
  return {
    write: async (bytes) => {
      await timed(rows.write(bytes))
      writtenBytes.inc({ table }, bytes.length)
    },
    commit: async (fence) => {
      await timed(rows.commit(fence))
      sendSeconds.observe({ table }, spentMs / 1000)
    },
    abort: () => rows.abort(),
  }
}

/**
 * Says so in the ledger before the first row of objects that are verified is sent again: killed in
 * between, or cancelled, they would count as what they are no more.
 */
async function announce(context: LoadContext, found: readonly ObjectTask[]): Promise<void> {
  context.signal.throwIfAborted()
  const [first] = found
  if (first) context.onProgress({ step: 'loading', partition: first.partition })
  const rows = found.flatMap(({ before }) =>
    before && !isOpen(before.state) ? reloadingRow(context, before) : [],
  )
  await writeLedger(context.store.db, rows, context)
}

function tellOf(context: LoadContext, sent: readonly LoadedPartition[]): void {
  const { metrics, onProgress } = context
  const dataset = context.dataset.id
  for (const result of sent.flatMap(({ results }) => results)) {
    if (result.found !== 'decoded') continue
    metrics.lines.inc({ dataset }, result.tally.lines)
    metrics.linesParsedInFull.inc({ dataset }, result.tally.fallbacks)
  }
  onProgress({ step: 'applying' })
}

/** Whoever looks again wants what the archive has now, not a kept copy of what was looked at. */
function wantsCurrent(reprocess: Reprocess): boolean {
  return reprocess === 'changed' || stateLookedAt(reprocess) !== undefined
}
