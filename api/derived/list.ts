import type { Derived, DerivedStanding } from '@backtide/core/derived'
import { deriveWorkflowId } from '@backtide/core/ids'
import { dayKey } from '@backtide/core/partition'
import { formatInstant } from '@backtide/core/range'
import { DERIVED } from '@backtide/datasets/derived/registry'
import type { Deps } from '../deps.ts'
import { TemporalUnavailableError } from '../temporal/runs.ts'
import type { DerivedView } from './schemas.ts'

/** Days named in an answer. */
const MOST_NAMED = 100

/** Everything derived, how its days stand, and whether somebody is at work on it. */
export async function listDerived({ store, runs }: Pick<Deps, 'store' | 'runs'>) {
  const standings = await store.derivedStandings(DERIVED)
  const works = await worksOf(runs)
  const derived = DERIVED.map((one, at): DerivedView => {
    return { ...viewOf(one, standings[at]), ...(works?.[at] ?? { work: null }) }
  })
  const warnings = works ? [] : ['Temporal does not answer: who is at work is not known.']
  return { derived, warnings }
}

function viewOf({ name, title, table, bases }: Derived, standing?: DerivedStanding) {
  const { made = [], stale = [], missing = [], madeAt } = standing ?? {}
  const open = [...stale, ...missing].toSorted((a, b) => a - b)
  const last = [...made, ...stale].reduce((most, day) => Math.max(most, day), 0)
  return {
    name,
    title,
    table: table.view.name,
    bases: [...bases],
    days: { made: made.length, stale: stale.length, missing: missing.length },
    newest: last > 0 ? dayKey(last) : null,
    madeAt: madeAt === undefined ? null : formatInstant(madeAt),
    open: open.slice(0, MOST_NAMED).map(dayKey),
  }
}

type Work = Pick<DerivedView, 'work' | 'reason'>

async function worksOf(runs: Deps['runs']): Promise<readonly Work[] | undefined> {
  try {
    return await Promise.all(DERIVED.map(({ name }) => workOf(runs, deriveWorkflowId(name))))
  } catch (error) {
    if (error instanceof TemporalUnavailableError) return undefined
    throw error
  }
}

async function workOf(runs: Deps['runs'], id: string): Promise<Work> {
  const run = await runs.describe(id)
  if (run?.status === 'running') return { work: 'running' }
  if (!run || run.status === 'completed' || run.status === 'cancelled') return { work: 'idle' }
  const { reason } = await runs.outcome(id)
  return { work: 'failed', ...(reason !== undefined && { reason }) }
}
