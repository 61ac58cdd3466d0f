import type { Scope } from '@backtide/core/request'
import type { QuestDb } from '../questdb.ts'
import { sql } from '../sql.ts'
import { due, type RepairJudge } from './repairable.ts'
import { askInScope } from './scope.ts'

/** What the ledger knows of the objects of a partition together. */
export interface PartitionStanding {
  /** UTC milliseconds. */
  readonly partition: number
  readonly objects: number
  /** Those that a load could change and that are due: see `due`. */
  readonly due: number
  /** When one that is missing was last looked for, the first such time; absent where none is missing. */
  readonly missedAt?: number
  /** When one that was there was last looked at; absent where none was. */
  readonly seenAt?: number
}

/** Standing of every partition of a part of the ledger that has rows, ascending. */
export async function partitionStanding(
  db: QuestDb,
  scope: Scope,
  judge: RepairJudge,
  signal?: AbortSignal,
): Promise<readonly PartitionStanding[]> {
  const answers = await askInScope(scope, (inScope) =>
    db.query(
      sql`SELECT partition_ts, count(), sum(CASE WHEN ${due(judge)} THEN 1 ELSE 0 END),
        min(CASE WHEN state = 'missing' THEN checked_at END),
        max(CASE WHEN etag <> '' THEN checked_at END)
        FROM ledger WHERE ${inScope} GROUP BY partition_ts`,
      signal,
    ),
  )
  const found = new Map<number, PartitionStanding>()
  for (const [at, objects, open, missedAt, seenAt] of answers.flat()) {
    const partition = Date.parse(String(at))
    const one = {
      partition,
      objects: Number(objects),
      due: Number(open),
      ...(typeof missedAt === 'string' && { missedAt: Date.parse(missedAt) }),
      ...(typeof seenAt === 'string' && { seenAt: Date.parse(seenAt) }),
    }
    const before = found.get(partition)
    found.set(partition, before ? added(before, one) : one)
  }
  return [...found.values()].toSorted((a, b) => a.partition - b.partition)
}

function added(a: PartitionStanding, b: PartitionStanding): PartitionStanding {
  const missedAt = Math.min(a.missedAt ?? Infinity, b.missedAt ?? Infinity)
  const seenAt = Math.max(a.seenAt ?? -Infinity, b.seenAt ?? -Infinity)
  return {
    partition: a.partition,
    objects: a.objects + b.objects,
    due: a.due + b.due,
    ...(Number.isFinite(missedAt) && { missedAt }),
    ...(Number.isFinite(seenAt) && { seenAt }),
  }
}
