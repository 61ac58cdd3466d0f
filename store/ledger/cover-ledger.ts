import type { Scope } from '@backtide/core/request'
import type { ObjectState } from '@backtide/core/state'
import type { QuestDb, Row } from '../questdb.ts'
import { joined, sql, trusted } from '../sql.ts'
import type { CoveredPart } from './ledger-row.ts'
import { askInScope } from './scope.ts'

/** What a part of the ledger is divided into. */
export type CoverBy = 'hour' | 'day' | 'coin' | 'coin-day'

/** Terms to group by: the start of a stretch of time and the series, NULL where not divided by it. */
const TERMS = {
  hour: { at: "timestamp_floor('h', partition_ts)" },
  day: { at: "timestamp_floor('d', partition_ts)" },
  coin: { series: 'symbol' },
  'coin-day': { at: "timestamp_floor('d', partition_ts)", series: 'symbol' },
} as const satisfies Record<CoverBy, { readonly at?: string; readonly series?: string }>

/**
 * Counts by state and rows of a part of the ledger, by time, then series; what has no row is left out.
 * QuestDB counts: what comes back is a line for each part and state, however many objects there are.
 */
export async function coverLedger(
  db: QuestDb,
  scope: Scope,
  by: CoverBy,
): Promise<readonly CoveredPart[]> {
  const { at, series }: { at?: string; series?: string } = TERMS[by]
  const terms = [at && `${at} at`, series && `${series} series`].filter(
    (term) => term !== undefined,
  )
  const names = [at && 'at', series && 'series'].filter((name) => name !== undefined)
  const answers = await askInScope(scope, (inScope) =>
    db.query(
      sql`SELECT state, count() objects, sum(rows_distinct) distinct_rows,
        ${joined(
          terms.map((term) => trusted(term)),
          ', ',
        )}
        FROM ledger WHERE ${inScope} GROUP BY ${trusted(names.join(', '))}, state`,
    ),
  )
  return sumParts(answers.flat(), { at: at !== undefined })
}

function sumParts(rows: readonly Row[], has: { readonly at: boolean }): readonly CoveredPart[] {
  const parts = new Map<string, Mutable>()
  for (const [state, objects, distinct, ...names] of rows) {
    const key = names.join(' ')
    const [first, second] = names
    const at = has.at ? { at: Date.parse(String(first)) } : {}
    const series = has.at ? second : first
    const part = parts.get(key) ?? {
      ...at,
      ...(series !== undefined && { series: String(series) }),
      counts: {},
      rows: 0,
    }
    const name = state as ObjectState
    part.counts[name] = (part.counts[name] ?? 0) + Number(objects)
    part.rows += Number(distinct ?? 0)
    parts.set(key, part)
  }
  return [...parts.values()].toSorted(byTime)
}

interface Mutable extends Omit<CoveredPart, 'counts' | 'rows'> {
  readonly counts: Partial<Record<ObjectState, number>>
  rows: number
}

function byTime(a: CoveredPart, b: CoveredPart): number {
  if (a.at !== b.at) return (a.at ?? 0) - (b.at ?? 0)
  return (a.series ?? '') < (b.series ?? '') ? -1 : 1
}
