import { continueAsNew, setCurrentDetails, setHandler, workflowInfo } from '@temporalio/workflow'
import type { DeriveInput, DeriveResult, RefreshRequest } from '@backtide/core/derived'
import { dayKey } from '@backtide/core/partition'
import { proxyDerived } from './activity-proxies.ts'
import { isOwnCancellation, toWorkflowFailure } from './failures.ts'
import { refreshSignal } from './messages.ts'
import { groupDigits, markdownTable } from './web-ui.ts'

/** Requests kept apart; more of them become one. */
const MOST_PENDING = 100

/**
 * Makes the days of something derived that it is asked for, as far as they are stale, and ends when there
 * is nothing more to do. Its id names the thing: so it is the only writer. Throws an `ApplicationFailure` of
 * the type of whatever the activity gave up with; what was not made then stays stale.
 */
export async function derive({ name, tempo, left = [] }: DeriveInput): Promise<DeriveResult> {
  const derived = proxyDerived(tempo)
  let pending = left
  let days = 0
  setHandler(refreshSignal, (request = {}) => void (pending = withRequest(pending, request)), {
    description: 'Make what is stale of a range, or of all; anew with `rebuild`.',
  })
  try {
    for (;;) {
      const [next, ...others] = pending
      if (!next) return { days }
      show(name, pending, days)
      if (workflowInfo().continueAsNewSuggested) break
      pending = others
      const summary = describe(next)
      const result = await derived.refreshDerived.executeWithOptions({ summary }, [
        { name, ...next },
      ])
      days += result.days
      // What others asked for meanwhile has its turn before the rest of something long.
      if (result.left) pending = withRequest(pending, result.left)
    }
  } catch (error) {
    if (isOwnCancellation(error)) throw error
    throw toWorkflowFailure(error)
  }
  return await continueAsNew<typeof derive>({ name, tempo, left: pending })
}

/** Ranges that touch are one; a rebuild keeps its place. */
function withRequest(
  pending: readonly RefreshRequest[],
  request: RefreshRequest,
): readonly RefreshRequest[] {
  if (request.rebuild) return [...pending, request]
  const rebuilds = pending.filter(({ rebuild }) => rebuild)
  const refreshes = pending.filter(({ rebuild }) => !rebuild)
  const { range } = request
  const isAll = !range || refreshes.some((one) => !one.range) || refreshes.length >= MOST_PENDING
  if (isAll) return [...rebuilds, {}]
  const touching = refreshes.filter((one) => one.range && touches(one.range, range))
  const all = [range, ...touching.flatMap((one) => one.range ?? [])]
  const hull = {
    from: Math.min(...all.map(({ from }) => from)),
    to: Math.max(...all.map(({ to }) => to)),
  }
  return [...rebuilds, ...refreshes.filter((one) => !touching.includes(one)), { range: hull }]
}

type Days = NonNullable<RefreshRequest['range']>

function touches(a: Days, b: Days): boolean {
  return a.from <= b.to && b.from <= a.to
}

function describe({ range, rebuild }: RefreshRequest): string {
  const what = range ? `${dayKey(range.from)} – ${dayKey(range.to)}` : 'all days'
  return rebuild ? `${what}, anew` : what
}

function show(name: string, pending: readonly RefreshRequest[], days: number): void {
  setCurrentDetails(
    markdownTable(name, [
      ['Asked for', pending.slice(0, 10).map(describe).join('; ')],
      ['Days made', groupDigits(days)],
    ]),
  )
}
