import { LOAD_ACTIVITY } from '@backtide/core/ids'
import { partitionKey } from '@backtide/core/partition'
import { formatInstant } from '@backtide/core/range'
import type { Dataset } from '@backtide/datasets/dataset'
import { workflowPage, type Settings } from '../deps.ts'
import type { PendingActivity } from '../temporal/runs.ts'
import { dayOf } from './retrying.ts'
import type { BackfillView } from './schemas.ts'

/** Entries of one answer, at most. */
const MOST = 20

/** Loads that workers are at, the oldest first, by the id of the workflow each belongs to. */
export function viewRunning(
  pending: ReadonlyMap<string, readonly PendingActivity[]>,
  { granularity }: Pick<Dataset, 'granularity'>,
  settings: Pick<Settings, 'temporalUi' | 'namespace'>,
): BackfillView['running'] {
  const all = [...pending].flatMap(([id, activities]) => {
    const day = dayOf(id)
    if (day === null) return []
    return activities.flatMap(({ type, attempt, startedAt, at }) => {
      if (type !== LOAD_ACTIVITY || startedAt === undefined) return []
      const partition = at?.partition === undefined ? null : partitionKey(at.partition, granularity)
      const step = at?.step ?? null
      return [{ day, partition, step, startedAt, attempt, temporalUi: workflowPage(settings, id) }]
    })
  })
  return all
    .toSorted((a, b) => a.startedAt - b.startedAt)
    .slice(0, MOST)
    .map(({ startedAt, ...one }) => ({ ...one, since: formatInstant(startedAt) }))
}
