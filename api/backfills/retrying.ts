import { formatInstant } from '@backtide/core/range'
import { workflowPage, type Settings } from '../deps.ts'
import type { BackfillView } from './schemas.ts'
import type { PendingActivity } from '../temporal/runs.ts'

/** Entries of one answer, at most. */
const MOST = 20

/** What to call the activities that may have to be tried again. */
const NAMES: Readonly<Record<string, string>> = {
  preflight: 'the preflight',
  planDays: 'planning',
  loadPartitions: 'a load',
  recordFailure: 'recording a failure',
  finish: 'recording the end',
}

/** What Temporal tries again until it succeeds, by the id of the workflow it belongs to. */
export function viewRetrying(
  pending: ReadonlyMap<string, readonly PendingActivity[]>,
  settings: Pick<Settings, 'temporalUi' | 'namespace'>,
): BackfillView['retrying'] {
  const all = [...pending].flatMap(([id, activities]) =>
    activities.map((one) => ({ ...one, id, day: dayOf(id) })),
  )
  return all
    .flatMap(({ id, day, type, attempt, error, dueAt }) =>
      error === undefined
        ? []
        : [
            {
              day,
              activity: type,
              attempt,
              error,
              nextTryAt: dueAt === undefined ? null : formatInstant(dueAt),
              temporalUi: workflowPage(settings, id),
            },
          ],
    )
    .toSorted((a, b) => b.attempt - a.attempt)
    .slice(0, MOST)
}

/** A sentence for each reason; the same ones as long as the reasons are. */
export function warnRetrying(retrying: BackfillView['retrying']): readonly string[] {
  return [
    ...new Set(
      retrying.map(
        ({ activity, error }) =>
          `${NAMES[activity] ?? activity} fails and is tried again: ${error}`,
      ),
    ),
  ]
}

/** Day of a `loadDay` by its id (`dayWorkflowId`); null for the backfill itself. */
export function dayOf(id: string): string | null {
  return /^load\/.*\/(\d{4}-\d{2}-\d{2})$/.exec(id)?.[1] ?? null
}
