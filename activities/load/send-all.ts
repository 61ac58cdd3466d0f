import type { LoadInput } from '@backtide/core/backfill'
import { isOpen } from '@backtide/core/state'
import { writeLedger } from '@backtide/store/ledger/write-ledger'
import { assertApplying } from '@backtide/store/wait-applied'
import { createBodySender } from './body-sender.ts'
import { reloadingRow } from './ledger-row.ts'
import { waitInTurn, type LoadContext } from './load-context.ts'
import type { ObjectTask } from './object-load.ts'
import type { PlannedPartition } from './plan-load.ts'
import { rowContext } from './record.ts'
import { witnessesOf } from './witnesses.ts'
import { transfer, type TransferredPartition } from './transfer.ts'

export interface Sending {
  readonly partitions: readonly PlannedPartition[]
  /**
   * One transaction for all rows, as far as `transactionBytes` allow, instead of one a body: into a day
   * that has later rows.
   */
  readonly asOne: boolean
}

/** Sends what there is and waits until it is in the table. Partitions that would be too much are left. */
export async function sendAll(
  context: LoadContext,
  input: LoadInput,
  { partitions, asOne }: Sending,
): Promise<readonly TransferredPartition[]> {
  const { flow, store, dataset, signal, fence, limits } = context
  return await flow.run(async () => {
    // A suspended table would take the rows and not apply them: nothing is sent to it.
    await assertApplying(store.db, dataset.table.name, signal)
    const sender = createBodySender({
      open: () => store.db.openWrite(),
      fence,
      bodyBytes: limits.bodyBytes,
      commitBytes: asOne ? limits.transactionBytes : 0,
    })
    const stop = () => sender.close()
    signal.addEventListener('abort', stop, { once: true })
    try {
      const sent = await transfer(
        {
          ...context,
          sender,
          fetch: {
            signal,
            witnesses: witnessesOf(context, partitions),
            current: input.reprocess === 'changed',
          },
          enoughBytes: asOne ? limits.transactionBytes : Number.POSITIVE_INFINITY,
          beforeRows: (found) => announce(context, input, found),
        },
        partitions,
      )
      for (const result of sent.flatMap(({ results }) => results)) {
        if (result.found === 'decoded') context.onDecoded(result.tally)
      }
      context.onProgress({ step: 'applying' })
      if (sender.bytes > 0) await waitInTurn(context)
      return sent
    } finally {
      signal.removeEventListener('abort', stop)
    }
  }, signal)
}

/**
 * Says so in the ledger before the first row of objects that are verified is sent again: killed in
 * between, or cancelled, they would count as what they are no more.
 */
async function announce(
  context: LoadContext,
  input: LoadInput,
  found: readonly ObjectTask[],
): Promise<void> {
  context.signal.throwIfAborted()
  const [first] = found
  if (first) context.onProgress({ step: 'loading', partition: first.partition })
  const row = rowContext(context, input.backfillId, 0)
  const rows = found.flatMap(({ before }) =>
    before && !isOpen(before.state) ? reloadingRow(row, before) : [],
  )
  await writeLedger(context.store.db, rows, context)
}
