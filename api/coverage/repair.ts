import { GAP_CAUSES } from '@backtide/core/gap'
import { partitionLength } from '@backtide/core/partition'
import { formatInstant, type Range } from '@backtide/core/range'
import { resolveScope, type Scope } from '@backtide/core/request'
import { PRIORITY } from '@backtide/core/running-options'
import { splitSeries } from '@backtide/core/series'
import type { Dataset } from '@backtide/datasets/dataset'
import type { Gap } from '@backtide/store/ledger/find-gaps'
import type { Deps } from '../deps.ts'
import { submit } from '../backfills/submit.ts'
import { invalidRequest } from '../http/problem.ts'
import { judgeOf } from './gaps.ts'
import { planRepair, type RepairPart } from './repair-plan.ts'
import type { RepairBody, RepairView } from './schemas.ts'

/** Gaps one request looks at, at most. */
const MOST_GAPS = 50_000

/** Backfills one request starts, at most; it would be long in answering otherwise. */
const MOST_BACKFILLS = 20

/**
 * Loads what of the parts is repairable: as few backfills as it takes, none where there is nothing. An
 * equal one that is still open is found, not started again.
 * @throws ProblemError 422 naming what is wrong with a part
 */
export async function repair(deps: Deps, body: RepairBody): Promise<RepairView> {
  const receivedAt = deps.now()
  const scopes = resolveScopes(deps, body, receivedAt)
  const dataset = deps.registry.find(body.dataset)
  if (!dataset) throw new Error(`${body.dataset} was there a moment ago`)
  const gaps = await gapsOf(deps, scopes, dataset)
  const [repairable, final] = [gaps.filter((gap) => gap.repairable), gaps.filter(isFinal)]
  const parts = planRepair(repairable, partitionLength(dataset.granularity))
  const taken = parts.slice(0, MOST_BACKFILLS)
  const backfills: RepairView['backfills'] = []
  for (const part of taken) {
    const id = body.dryRun ? null : await start(deps, dataset.id, part, receivedAt)
    backfills.push({ id, ...viewPart(part) })
  }
  return {
    dataset: dataset.id,
    dryRun: body.dryRun,
    repairable: { gaps: repairable.length, objects: objectsIn(repairable) },
    untouched: GAP_CAUSES.flatMap((cause) => {
      const own = final.filter((gap) => gap.cause === cause)
      return own.length > 0 ? [{ cause, gaps: own.length, objects: objectsIn(own) }] : []
    }),
    backfills,
    left: parts.length - taken.length,
  }
}

function resolveScopes(
  { registry }: Deps,
  { dataset, parts }: RepairBody,
  now: number,
): readonly Scope[] {
  const resolved = parts.map((part) => resolveScope({ dataset, ...part }, registry, now))
  const errors = resolved.flatMap((one, index) =>
    one.ok
      ? []
      : one.errors.map((error) =>
          error.pointer === '/dataset'
            ? error
            : { ...error, pointer: `/parts/${index}${error.pointer}` },
        ),
  )
  const [first] = errors
  if (first) throw invalidRequest(first.pointer === '/dataset' ? [first] : errors.slice(0, 20))
  return resolved.flatMap((one) => (one.ok ? [one.value] : []))
}

/** Gaps of any of the parts, each cut to the part it lies in. One question is asked, over all of them. */
async function gapsOf(
  deps: Deps,
  scopes: readonly Scope[],
  dataset: Dataset,
): Promise<readonly Gap[]> {
  const range = {
    from: Math.min(...scopes.map((scope) => scope.range.from)),
    to: Math.max(...scopes.map((scope) => scope.range.to)),
  }
  const found = await deps.store.findGaps({
    dataset: dataset.id,
    symbols: [...new Set(scopes.flatMap(({ symbols }) => symbols))].toSorted(),
    range,
    causes: GAP_CAUSES,
    atLeast: 0,
    limit: MOST_GAPS + 1,
    ...judgeOf(deps, dataset),
  })
  if (found.length > MOST_GAPS) {
    const detail = `There are more than ${MOST_GAPS} gaps from ${formatInstant(range.from)} to ${formatInstant(range.to)}; name a shorter range, or fewer coins.`
    throw invalidRequest([{ pointer: '/parts', detail }])
  }
  const rangesOf = unionBySeries(scopes)
  return found.flatMap((gap) => cut(gap, rangesOf.get(gap.series) ?? [], dataset))
}

/** Ranges asked for, ascending and apart, by series. */
function unionBySeries(scopes: readonly Scope[]): ReadonlyMap<string, readonly Range[]> {
  const union = new Map<string, Range[]>()
  for (const { symbols, range } of scopes.toSorted((a, b) => a.range.from - b.range.from)) {
    for (const series of symbols) {
      const ranges = union.get(series) ?? []
      const last = ranges.at(-1)
      if (last && range.from <= last.to) {
        ranges[ranges.length - 1] = { from: last.from, to: Math.max(last.to, range.to) }
      } else ranges.push(range)
      union.set(series, ranges)
    }
  }
  return union
}

function cut(gap: Gap, ranges: readonly Range[], { granularity }: Dataset): readonly Gap[] {
  const length = partitionLength(granularity)
  return ranges.flatMap((range) => {
    const from = Math.max(gap.from, range.from)
    const to = Math.min(gap.to, range.to)
    if (from >= to) return []
    const whole = from === gap.from && to === gap.to
    return [{ ...gap, from, to, objects: whole ? gap.objects : (to - from) / length }]
  })
}

async function start(
  deps: Deps,
  dataset: string,
  part: RepairPart,
  receivedAt: number,
): Promise<string> {
  const request = {
    dataset,
    ...part,
    order: 'oldest-first',
    reprocess: 'repairable',
    onFailure: 'continue',
    concurrency: 4,
    priority: PRIORITY.repair,
  } as const
  return (await submit(deps, { request, receivedAt })).id
}

function viewPart({ symbols, range }: RepairPart) {
  const { from, to } = range
  return { ...splitSeries(symbols), from: formatInstant(from), to: formatInstant(to) }
}

function objectsIn(gaps: readonly Gap[]): number {
  return gaps.reduce((sum, { objects }) => sum + objects, 0)
}

function isFinal({ repairable }: Gap): boolean {
  return !repairable
}
