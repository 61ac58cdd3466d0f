import { z } from 'zod'
import { MAX_CONCURRENCY, ON_FAILURE, ORDERS, REPROCESS } from './backfill-options.ts'
import type { OnFailure, Reprocess } from './backfill-options.ts'
import { MOST_USD } from './budget.ts'
import {
  ALL_INTERVALS,
  checkCoins,
  checkIntervals,
  checkRange,
  checkSize,
  errorsOf,
  MAX_UNCONFIRMED,
  unknownDataset,
  type AskedScope,
  type Catalogue,
  type Checked,
  type DatasetFacts,
} from './check-scope.ts'
import { clampToKept } from './kept-range.ts'
import { optionalOf, type OptionalFields } from './optional-fields.ts'
import type { Order } from './partition.ts'
import { LOWEST_PRIORITY } from './running-options.ts'
import { INSTANT, type Range } from './range.ts'
import { crossSeries, splitSeries } from './series.ts'

/** Some instant, documented only: what is wrong with one is said in full by `checkRange`. */
const instant = z.string().max(100)

/** The dataset, and the bounds of the range, wherever somebody asks for a part of one. */
export const scopeFields = {
  dataset: z.string().min(1).max(100).meta({ example: 'hyperliquid.l2_book' }),
  from: instant.meta({ pattern: INSTANT.source, example: '2025-01-01', description: 'UTC.' }),
  to: instant.meta({
    pattern: INSTANT.source,
    example: '2025-01-02',
    description: 'Exclusive; UTC.',
  }),
}

/** A day of two coins: what the documentation shows. */
export const EXAMPLE = {
  dataset: 'hyperliquid.l2_book',
  coins: ['BTC', 'ETH'],
  from: '2025-01-01',
  to: '2025-01-02',
}

/** A budget, in dollars. */
export const costLimit = z
  .number()
  .gt(0, 'Use dollars, more than 0.')
  .max(MOST_USD)
  .optional()
  .describe('Dollars it may cost at sources that charge for it; reaching them pauses it.')

const fields = {
  dataset: scopeFields.dataset,
  coins: z
    .array(z.string().min(1).max(100))
    .optional()
    .describe('As the venue writes them; ["*"] is every instrument that is known.'),
  intervals: z
    .array(z.string().min(1).max(20))
    .optional()
    .describe(`Where the dataset has intervals: some of them, or ["${ALL_INTERVALS}"].`),
  from: scopeFields.from,
  to: scopeFields.to,
  order: z.enum(ORDERS).default(ORDERS[0]),
  reprocess: z.enum(REPROCESS).default(REPROCESS[0]),
  onFailure: z.enum(ON_FAILURE).default(ON_FAILURE[0]),
  concurrency: z.int().min(1).max(MAX_CONCURRENCY).default(4),
  priority: z
    .int()
    .min(1)
    .max(LOWEST_PRIORITY)
    .optional()
    .describe('What goes first when not all can: the lower, the sooner; 3 when absent.'),
  maxFailedDays: z
    .int()
    .min(1)
    .optional()
    .describe('Pause when so many days have failed; without it none pauses the rest.'),
  maxFailedPercent: z
    .number()
    .gt(0)
    .max(100)
    .optional()
    .describe('The same in percent of all days.'),
  hours: z
    .array(z.int().min(0).max(23))
    .min(1)
    .max(24)
    .transform((hours) => [...new Set(hours)].toSorted((a, b) => a - b))
    .optional()
    .describe('Only these hours of each UTC day, where a partition is an hour.'),
  confirmed: z
    .boolean()
    .optional()
    .describe(
      `More than ${MAX_UNCONFIRMED} objects (partitions × series) are meant, or what they may cost.`,
    ),
  maxCostUsd: costLimit,
}

/** Body of `POST /backfills`; an unknown field is refused by name. */
export const backfillBody = z
  .strictObject(fields, {
    error: (issue) =>
      issue.code === 'unrecognized_keys'
        ? `Unknown field; known are ${Object.keys(fields).join(', ')}.`
        : undefined,
  })
  .meta({ example: EXAMPLE })

/** The other body of `POST /backfills`: what is to be done says a plan. */
export const applyBody = z
  .strictObject({ planId: z.string().min(1).max(100), maxCostUsd: costLimit })
  .meta({ example: { planId: 'p-0mi9k2a1-43aa833f', maxCostUsd: 20 } })

/** Both bodies of `POST /backfills`. */
export const startBody = z.union([backfillBody, applyBody]).meta({ example: EXAMPLE })

export type BackfillBody = z.output<typeof backfillBody>

/** A part of a dataset, checked against the catalogue: the range is on partition bounds. */
export interface Scope {
  readonly dataset: string
  /** Series (see core/series.ts), sorted, each once. */
  readonly symbols: readonly string[]
  readonly range: Range
  /** Only these hours of each UTC day; all when absent. */
  readonly hours?: readonly number[]
}

/** Only that, of something that says more. */
export function scopeOf({ dataset, symbols, range, hours }: Scope): Scope {
  return { dataset, symbols, range, ...(hours && { hours }) }
}

/** A backfill request, resolved: nothing in it is left to a default. */
export interface BackfillRequest extends Scope, OptionalFields {
  readonly order: Order
  readonly reprocess: Reprocess
  readonly onFailure: OnFailure
  readonly concurrency: number
}

/** What a request came to. */
export interface ResolvedRequest {
  readonly request: BackfillRequest
  /** The same before what the venue does not have any more was left out: equal on every day it is sent. */
  readonly asked: BackfillRequest
  /** What was left out, a sentence each. */
  readonly warnings: readonly string[]
}

/** Resolves a body against the catalogue at an instant (UTC milliseconds); collects every error. */
export function resolveRequest(
  body: BackfillBody,
  catalogue: Catalogue,
  now: number,
): Checked<ResolvedRequest> {
  const scope = checkScope(body, catalogue, now)
  if (!scope.ok) return scope
  const { order, reprocess, onFailure, concurrency, confirmed } = body
  const { dataset, symbols } = scope.value
  const kept = clampToKept(scope.value.range, splitSeries(symbols).intervals, dataset, now)
  if (!kept.ok) return kept
  const { range, warnings } = kept.value
  if (body.hours && dataset.granularity !== 'hour') {
    const detail = `${dataset.id} is loaded by whole days; leave hours out.`
    return { ok: false, errors: [{ pointer: '/hours', detail }] }
  }
  const tooMany = !confirmed && checkSize(range, symbols, dataset)
  if (tooMany) return { ok: false, errors: [tooMany] }
  const options = { order, reprocess, onFailure, concurrency, ...optionalOf(body) }
  const asked = { ...scope.value, dataset: dataset.id, ...options }
  return { ok: true, value: { request: { ...asked, range }, asked, warnings } }
}

/** Checks dataset, coins, intervals and range, of any size; collects every error. */
export function resolveScope(asked: AskedScope, catalogue: Catalogue, now: number): Checked<Scope> {
  const scope = checkScope(asked, catalogue, now)
  if (!scope.ok) return scope
  return { ok: true, value: { ...scope.value, dataset: scope.value.dataset.id } }
}

function checkScope(
  asked: AskedScope,
  catalogue: Catalogue,
  now: number,
): Checked<Omit<Scope, 'dataset'> & { readonly dataset: DatasetFacts }> {
  const dataset = catalogue.find(asked.dataset)
  if (!dataset) return { ok: false, errors: [unknownDataset(asked.dataset, catalogue)] }
  const coins = checkCoins(asked.coins, dataset)
  const intervals = checkIntervals(asked.intervals, dataset)
  const range = checkRange(asked, dataset, now)
  if (!coins.ok || !intervals.ok || !range.ok) {
    return { ok: false, errors: errorsOf(coins, intervals, range) }
  }
  const symbols = crossSeries(coins.value, intervals.value)
  return { ok: true, value: { dataset, symbols, range: range.value } }
}

/** One text for equal requests, whatever the order of their coins; what a request's hash is of. */
export function canonicalRequest(request: BackfillRequest): string {
  const { dataset, symbols, range, order, reprocess, onFailure, concurrency, ...more } = request
  return JSON.stringify([
    dataset,
    [...new Set(symbols)].toSorted(),
    range.from,
    range.to,
    order,
    reprocess,
    onFailure,
    concurrency,
    // Requests of before there were any have the text they had.
    ...Object.entries(optionalOf(more)),
  ])
}
