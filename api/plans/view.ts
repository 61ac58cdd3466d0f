import { planWorkflowId } from '@backtide/core/plan'
import { formatInstant } from '@backtide/core/range'
import type { BackfillRequest } from '@backtide/core/request'
import { splitSeries } from '@backtide/core/series'
import { countObjects } from '@backtide/datasets/count-objects'
import type { PlanRecord } from '@backtide/store/plans/plans'
import { workflowPage, type Deps } from '../deps.ts'
import type { PlanView } from './schemas.ts'

/** A plan of which only the request is known. */
export interface OpenPlan extends Pick<PlanRecord, 'id' | 'createdAt' | 'request'> {
  readonly state: 'running' | 'failed'
  readonly reason?: string | undefined
  /** Objects that were looked at. */
  readonly objects?: number | undefined
  readonly warnings?: readonly string[]
}

/** A plan that is being drawn up, or could not be. */
export function viewOpenPlan(deps: Deps, plan: OpenPlan): PlanView {
  const { state, reason, objects, warnings = [] } = plan
  return {
    ...viewRequest(deps, plan),
    state,
    ...(reason !== undefined && { reason }),
    ...(objects !== undefined && { progress: { objects } }),
    summary: null,
    warnings: [...warnings],
  }
}

/** A plan that is ready. */
export function viewPlan(deps: Deps, plan: PlanRecord): PlanView {
  const { total, cost, rows, diskBytes, etaSeconds, seenAt: _seenAt, ...summary } = plan.summary
  return {
    ...viewRequest(deps, plan),
    state: 'ready',
    total,
    summary: {
      ...summary,
      load: { ...summary.load },
      kept: { ...summary.kept },
      cost: { usd: cost.transferUsd + cost.requestsUsd, ...cost },
      rows: rows ?? null,
      diskBytes: diskBytes ?? null,
      etaSeconds: etaSeconds ?? null,
    },
    warnings: [],
  }
}

function viewRequest(
  deps: Deps,
  { id, createdAt, request }: Pick<PlanRecord, 'id' | 'createdAt' | 'request'>,
) {
  const { dataset, symbols, range, order, reprocess, maxCostUsd } = request
  return {
    id,
    dataset,
    ...splitSeries(symbols),
    from: formatInstant(range.from),
    to: formatInstant(range.to),
    order,
    reprocess,
    ...(maxCostUsd !== undefined && { maxCostUsd }),
    total: sizeOf(deps, request),
    createdAt: formatInstant(createdAt),
    ageSeconds: Math.max(0, deps.now() - createdAt) / 1000,
    temporalUi: workflowPage(deps.settings, planWorkflowId(id)),
  }
}

function sizeOf(
  { registry }: Deps,
  { dataset: id, range, symbols, hours }: BackfillRequest,
): number {
  const dataset = registry.find(id)
  return dataset ? countObjects(dataset, range, symbols, hours) : 0
}
