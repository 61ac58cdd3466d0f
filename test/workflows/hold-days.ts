import { dayWorkflowId } from '@backtide/core/ids'
import { partitionsOf } from '@backtide/core/partition'
import type { Range } from '@backtide/core/range'
import type { Bench } from './backfill-bench.ts'

type Place = Pick<Bench, 'client' | 'input'>

/**
 * Takes the ids of some days, as another backfill would: what has them never gets anything done.
 * Gives what sets them free.
 */
export async function holdDays(place: Place, range: Range): Promise<() => Promise<void>> {
  const starts = partitionsOf(range, 'day')
  const holders = await Promise.all(starts.map((day) => holdDay(place, day)))
  return async () => void (await Promise.all(holders.map((holder) => holder.terminate('free'))))
}

/** Takes the id of one day, away from whoever has it. */
export async function holdDay({ client, input }: Place, day: number) {
  return await client.start('loadDay', {
    workflowId: dayWorkflowId(input.table, day),
    workflowIdConflictPolicy: 'TERMINATE_EXISTING',
    taskQueue: `${input.loadQueue}-of-nobody`,
  })
}
