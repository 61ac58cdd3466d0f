import { sizeEstimate } from '@backtide/core/estimate'
import { costOf, formatUsd } from '@backtide/core/prices'
import type { BackfillRequest } from '@backtide/core/request'
import { countObjects } from '@backtide/datasets/count-objects'
import type { Deps } from '../deps.ts'
import { invalidRequest } from '../http/problem.ts'

/**
 * Has somebody confirm a request that may cost more than the configuration lets pass. What objects that
 * are there already will not cost is not left out: a plan says that.
 * @throws ProblemError 422
 */
export async function checkCost(
  { registry, settings, store }: Deps,
  { dataset: id, range, symbols, hours }: BackfillRequest,
): Promise<void> {
  const { confirmUsd, ratesOf } = settings.spending ?? {}
  const dataset = registry.find(id)
  const rates = dataset && ratesOf?.(dataset.source)
  if (confirmUsd === undefined || !dataset || !rates) return
  const like = new Map((await store.likeObjects(id)).map((one) => [one.series, one]))
  const { source } = dataset
  const sizeOf = sizeEstimate(like, source.kind === 's3' ? source.typicalBytes : undefined)
  const usd = symbols.reduce((sum, series) => {
    const objects = countObjects(dataset, range, [series], hours)
    return sum + costOf({ gets: objects, lists: 0, bytes: objects * sizeOf(series) }, rates)
  }, 0)
  if (usd <= confirmUsd) return
  const detail =
    `It may cost ${formatUsd(usd)} at ${source.name}, more than ${formatUsd(confirmUsd)} ` +
    '(BACKTIDE_CONFIRM_USD). Plan it (POST /plans, backtide plan) and carry out the plan, or send ' +
    '"confirmed": true, --yes on the command line.'
  throw invalidRequest([{ pointer: '/confirmed', detail }])
}
