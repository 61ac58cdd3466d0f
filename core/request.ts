import { z } from 'zod'
import { ON_FAILURE, ORDERS, REPROCESS } from './backfill-options.ts'
import type { OnFailure, Reprocess } from './backfill-options.ts'
import {
  countPartitions,
  partitionKey,
  partitionLength,
  type Granularity,
  type Order,
} from './partition.ts'
import { quote, type FieldError } from './problem.ts'
import { formatInstant, parseInstant, type Range } from './range.ts'

/** Most objects (partitions × coins) one backfill may ask for. */
export const MAX_OBJECTS = 200_000

/** Symbols of a dataset whose objects hold every symbol. */
export const ALL_SYMBOLS: readonly string[] = ['*']

const INSTANT_FORMS = 'write it like 2025-01-01, 2025-01-01T07 or 2025-01-01T07:00:00Z (UTC)'

const fields = {
  dataset: z.string().min(1).max(100),
  coins: z.array(z.string().min(1).max(100)).optional(),
  from: z.string().max(100),
  to: z.string().max(100),
  order: z.enum(ORDERS).default(ORDERS[0]),
  reprocess: z.enum(REPROCESS).default(REPROCESS[0]),
  onFailure: z.enum(ON_FAILURE).default(ON_FAILURE[0]),
  concurrency: z.int().min(1).max(64).default(4),
}

/** Body of `POST /backfills`; an unknown field is refused by name. */
export const backfillBody = z.strictObject(fields, {
  error: (issue) =>
    issue.code === 'unrecognized_keys'
      ? `Unknown field; known are ${Object.keys(fields).join(', ')}.`
      : undefined,
})

/** Body of `POST /ledger/reset`. */
export const resetBody = z.strictObject({
  dataset: fields.dataset,
  coins: fields.coins,
  from: fields.from,
  to: fields.to,
  /** Only says what would be forgotten. */
  dryRun: z.boolean().default(false),
  reason: z.string().max(500).optional(),
  by: z.string().max(100).optional(),
})

export type ResetBody = z.output<typeof resetBody>

export type BackfillBody = z.output<typeof backfillBody>

/** Which part of which dataset somebody asks for, as they wrote it. */
export interface AskedScope {
  readonly dataset: string
  readonly coins?: readonly string[] | undefined
  readonly from: string
  readonly to: string
}

/** The same, checked against the catalogue: symbols sorted, the range on partition bounds. */
export interface Scope {
  readonly dataset: string
  readonly symbols: readonly string[]
  readonly range: Range
}

/** A backfill request, resolved: nothing in it is left to a default. */
export interface BackfillRequest extends Scope {
  readonly order: Order
  readonly reprocess: Reprocess
  readonly onFailure: OnFailure
  readonly concurrency: number
}

/** What a request is checked against: the facts of a dataset, see `Dataset` in datasets. */
export interface DatasetFacts {
  readonly id: string
  readonly granularity: Granularity
  readonly symbols: 'named' | 'all'
  readonly symbolPattern: RegExp
  /** First partition the archive has, UTC milliseconds. */
  readonly begins: number
}

/** The datasets there are. */
export interface Catalogue {
  find(id: string): DatasetFacts | undefined
  readonly all: readonly DatasetFacts[]
}

export type Checked<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly errors: readonly FieldError[] }

/** Resolves a body against the catalogue at an instant (UTC milliseconds); collects every error. */
export function resolveRequest(
  body: BackfillBody,
  catalogue: Catalogue,
  now: number,
): Checked<BackfillRequest> {
  const scope = resolveScope(body, catalogue, now)
  if (!scope.ok) return scope
  const { order, reprocess, onFailure, concurrency } = body
  return { ok: true, value: { ...scope.value, order, reprocess, onFailure, concurrency } }
}

/** Checks dataset, coins and range; collects every error. */
export function resolveScope(asked: AskedScope, catalogue: Catalogue, now: number): Checked<Scope> {
  const dataset = catalogue.find(asked.dataset)
  if (!dataset) return { ok: false, errors: [unknownDataset(asked.dataset, catalogue)] }
  const symbols = checkSymbols(asked.coins, dataset)
  const range = checkRange(asked, dataset, now)
  const errors = [...(symbols.ok ? [] : symbols.errors), ...(range.ok ? [] : range.errors)]
  if (!symbols.ok || !range.ok) return { ok: false, errors }
  const tooMany = checkSize(range.value, symbols.value, dataset)
  if (tooMany) return { ok: false, errors: [tooMany] }
  return { ok: true, value: { dataset: dataset.id, symbols: symbols.value, range: range.value } }
}

/** Checks what is to be forgotten: all symbols where none is named, and a range of any length. */
export function resolveReset(
  asked: AskedScope,
  catalogue: Catalogue,
  now: number,
): Checked<ResetRequest> {
  const dataset = catalogue.find(asked.dataset)
  if (!dataset) return { ok: false, errors: [unknownDataset(asked.dataset, catalogue)] }
  const symbols = asked.coins === undefined ? undefined : checkSymbols(asked.coins, dataset)
  const range = checkRange(asked, dataset, now)
  if (range.ok && symbols === undefined) return { ok: true, value: { range: range.value } }
  if (range.ok && symbols?.ok) {
    return { ok: true, value: { range: range.value, symbols: symbols.value } }
  }
  const wrong = [symbols, range].flatMap((checked) => (checked?.ok === false ? checked.errors : []))
  return { ok: false, errors: wrong }
}

/** What is to be forgotten, resolved. */
export interface ResetRequest {
  readonly range: Range
  readonly symbols?: readonly string[]
}

/** One text for equal requests, whatever the order of their coins; what a request's hash is of. */
export function canonicalRequest(request: BackfillRequest): string {
  const { dataset, symbols, range, order, reprocess, onFailure, concurrency } = request
  return JSON.stringify([
    dataset,
    [...new Set(symbols)].toSorted(),
    range.from,
    range.to,
    order,
    reprocess,
    onFailure,
    concurrency,
  ])
}

function unknownDataset(id: string, catalogue: Catalogue): FieldError {
  const allowed = catalogue.all.map((dataset) => dataset.id)
  return {
    pointer: '/dataset',
    detail: `${quote(id)} is not a dataset; known are ${allowed.join(', ')}.`,
    allowed,
  }
}

function checkSymbols(
  coins: readonly string[] | undefined,
  dataset: DatasetFacts,
): Checked<readonly string[]> {
  if (dataset.symbols === 'all') {
    if (coins === undefined) return { ok: true, value: ALL_SYMBOLS }
    const detail = `Every object of ${dataset.id} holds all coins; leave coins out.`
    return { ok: false, errors: [{ pointer: '/coins', detail }] }
  }
  if (!coins || coins.length === 0) {
    const detail = `${dataset.id} is loaded coin by coin; name at least one, for example BTC.`
    return { ok: false, errors: [{ pointer: '/coins', detail }] }
  }
  const errors = coins.flatMap((coin, index) =>
    dataset.symbolPattern.test(coin) ? [] : [badCoin(coin, index, dataset)],
  )
  return errors.length > 0
    ? { ok: false, errors: errors.slice(0, 20) }
    : { ok: true, value: [...new Set(coins)].toSorted() }
}

function badCoin(coin: string, index: number, dataset: DatasetFacts): FieldError {
  return {
    pointer: `/coins/${index}`,
    detail: `${quote(coin)} cannot be a coin of ${dataset.id}; write it as the venue does, upper and lower case matter (BTC, kPEPE, @107).`,
  }
}

function checkRange(asked: AskedScope, dataset: DatasetFacts, now: number): Checked<Range> {
  const from = checkBound('from', asked.from, dataset)
  const to = checkBound('to', asked.to, dataset)
  if (!from.ok || !to.ok) {
    return { ok: false, errors: [...(from.ok ? [] : from.errors), ...(to.ok ? [] : to.errors)] }
  }
  const range = { from: from.value, to: to.value }
  const errors = [
    ...orderErrors(range),
    ...beginErrors(range, dataset),
    ...futureErrors(range, dataset, now),
  ]
  return errors.length > 0 ? { ok: false, errors } : { ok: true, value: range }
}

function checkBound(name: 'from' | 'to', text: string, dataset: DatasetFacts): Checked<number> {
  const pointer = `/${name}`
  const at = parseInstant(text)
  if (at === undefined || !Number.isSafeInteger(at)) {
    const detail = `${quote(text)} is not a date that exists; ${INSTANT_FORMS}.`
    return { ok: false, errors: [{ pointer, detail }] }
  }
  const length = partitionLength(dataset.granularity)
  if (at % length === 0) return { ok: true, value: at }
  const before = formatInstant(Math.floor(at / length) * length)
  const after = formatInstant(Math.ceil(at / length) * length)
  const detail = `${quote(text)} is not the start of a UTC ${dataset.granularity}; ${dataset.id} is loaded by the ${dataset.granularity}: use ${before} or ${after}.`
  return { ok: false, errors: [{ pointer, detail, allowed: [before, after] }] }
}

function orderErrors({ from, to }: Range): FieldError[] {
  if (from < to) return []
  const detail = `The range ends at ${formatInstant(to)}, which is not after its start ${formatInstant(from)}; "to" is exclusive.`
  return [{ pointer: '/to', detail }]
}

function beginErrors({ from }: Range, dataset: DatasetFacts): FieldError[] {
  if (from >= dataset.begins) return []
  const begins = formatInstant(dataset.begins)
  const detail = `The archive of ${dataset.id} begins at ${begins}; start there or later.`
  return [{ pointer: '/from', detail }]
}

function futureErrors({ to }: Range, dataset: DatasetFacts, now: number): FieldError[] {
  const length = partitionLength(dataset.granularity)
  const latest = Math.floor(now / length) * length
  if (to <= latest) return []
  const detail = `The range reaches into the future: the last ${dataset.granularity} that has ended is ${partitionKey(latest - length, dataset.granularity)}, so "to" is ${formatInstant(latest)} at most.`
  return [{ pointer: '/to', detail }]
}

function checkSize(
  range: Range,
  symbols: readonly string[],
  dataset: DatasetFacts,
): FieldError | undefined {
  const partitions = countPartitions(range, dataset.granularity)
  const objects = partitions * symbols.length
  if (objects <= MAX_OBJECTS) return undefined
  const detail = `The request is ${partitions} ${dataset.granularity}s × ${symbols.length} coins = ${objects} partitions; ${MAX_OBJECTS} is the most one backfill takes. Split the range or the coins.`
  return { pointer: '/to', detail }
}
