import { countPartitions, partitionKey, partitionLength, type Granularity } from './partition.ts'
import { MOST_ERRORS, quote, type FieldError } from './problem.ts'
import { formatInstant, parseInstant, type Range } from './range.ts'
import { ALL_SYMBOLS, parseSeries } from './series.ts'

/** Which part of which dataset somebody asks for, as they wrote it. */
export interface AskedScope {
  readonly dataset: string
  readonly coins?: readonly string[] | undefined
  readonly intervals?: readonly string[] | undefined
  readonly from: string
  readonly to: string
}

/** What a request is checked against: the facts of a dataset, see `Dataset` in datasets. */
export interface DatasetFacts {
  readonly id: string
  readonly granularity: Granularity
  readonly symbols: 'named' | 'all'
  readonly symbolPattern: RegExp
  /** Columns with one value in all its rows: a `market`, where it has one only. */
  readonly constants?: Readonly<Record<string, string>>
  /** The venue's symbol for other names that people have for it: `BTC/USD`. */
  coinOf?(written: string): string
  /** The intervals it can be asked for, where it has any: an object then holds one of them. */
  readonly intervals?: readonly string[]
  /** First partition the archive has, UTC milliseconds. */
  readonly begins: number
  /** How far back from now the venue has anything, in milliseconds by interval; absent where nothing goes. */
  readonly keptMs?: Readonly<Record<string, number>>
  /** Dataset whose rows can rebuild what the venue does not have any more. */
  readonly madeOf?: string
}

/** The datasets there are. */
export interface Catalogue {
  find(id: string): DatasetFacts | undefined
  readonly all: readonly DatasetFacts[]
}

export type Checked<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly errors: readonly FieldError[] }

/** What is wrong, of all checks together. */
export function errorsOf(...checks: readonly Checked<unknown>[]): readonly FieldError[] {
  return checks.flatMap((check) => (check.ok ? [] : check.errors))
}

/** Most objects (partitions × series) a backfill may ask for that nobody has confirmed. */
export const MAX_UNCONFIRMED = 200_000

/** Stands for every interval of a dataset. */
export const ALL_INTERVALS = 'all'

const INSTANT_FORMS = 'write it like 2025-01-01, 2025-01-01T07 or 2025-01-01T07:00:00Z (UTC)'

/** The dataset is none of the catalogue's. */
export function unknownDataset(id: string, catalogue: Catalogue): FieldError {
  const allowed = catalogue.all.map((dataset) => dataset.id)
  return {
    pointer: '/dataset',
    detail: `${quote(id)} is not a dataset; known are ${allowed.join(', ')}.`,
    allowed,
  }
}

/** Checks coins, each counted once: a dataset whose objects hold every symbol has the one symbol `*`. */
export function checkCoins(
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
  return checkNames(coins, dataset)
}

/** Checks how coins are written, each counted once. */
export function checkNames(
  coins: readonly string[],
  dataset: DatasetFacts,
): Checked<readonly string[]> {
  const errors = coins.flatMap((coin, index) =>
    dataset.symbolPattern.test(coin) ? [] : [badCoin(coin, index, dataset)],
  )
  if (errors.length > 0) return { ok: false, errors: errors.slice(0, MOST_ERRORS) }
  const { coinOf = (coin: string) => coin } = dataset
  return { ok: true, value: [...new Set(coins.map(coinOf))] }
}

function badCoin(coin: string, index: number, { id, constants }: DatasetFacts): FieldError {
  const market = constants?.['market']
  const only = market === undefined ? '' : `, which has those of ${market} only`
  return {
    pointer: `/coins/${index}`,
    detail: `${quote(coin)} cannot be a coin of ${id}${only}; write it as the venue does, upper and lower case matter (BTC, kPEPE, @107).`,
  }
}

/** What is likely meant otherwise: no venue writes a coin in small letters alone. */
export function hintsOf(series: readonly string[]): readonly string[] {
  const small = new Set(
    series.map((one) => parseSeries(one).symbol).filter((coin) => /^[a-z]+$/.test(coin)),
  )
  return [...small].slice(0, MOST_ERRORS).map((coin) => {
    const upper = coin.toUpperCase()
    return `${quote(coin)} is loaded as it is written, upper and lower case matter: did you mean ${upper}?`
  })
}

/** Checks intervals, each counted once; undefined for a dataset that has none. */
export function checkIntervals(
  asked: readonly string[] | undefined,
  { id, intervals: allowed }: DatasetFacts,
): Checked<readonly string[] | undefined> {
  if (!allowed) {
    if (asked === undefined) return { ok: true, value: undefined }
    const detail = `${id} has no intervals; leave intervals out.`
    return { ok: false, errors: [{ pointer: '/intervals', detail }] }
  }
  const choice = `${allowed.join(', ')} or ${ALL_INTERVALS}`
  if (!asked || asked.length === 0) {
    const detail = `${id} is loaded interval by interval; name at least one: ${choice}.`
    return { ok: false, errors: [{ pointer: '/intervals', detail, allowed }] }
  }
  const errors = asked.flatMap((interval, index) => {
    if (interval === ALL_INTERVALS || allowed.includes(interval)) return []
    const detail = `${quote(interval)} is not an interval of ${id}; use ${choice}.`
    return [{ pointer: `/intervals/${index}`, detail, allowed }]
  })
  if (errors.length > 0) return { ok: false, errors: errors.slice(0, MOST_ERRORS) }
  return { ok: true, value: asked.includes(ALL_INTERVALS) ? allowed : [...new Set(asked)] }
}

/** Checks the bounds of a range, at an instant (UTC milliseconds). */
export function checkRange(asked: AskedScope, dataset: DatasetFacts, now: number): Checked<Range> {
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

/** Checks one bound of a range: any instant, given back in UTC milliseconds. */
export function checkInstant(name: 'from' | 'to', text: string): Checked<number> {
  const at = parseInstant(text)
  if (at !== undefined && Number.isSafeInteger(at)) return { ok: true, value: at }
  const detail = `${quote(text)} is not a date that exists; ${INSTANT_FORMS}.`
  return { ok: false, errors: [{ pointer: `/${name}`, detail }] }
}

function checkBound(name: 'from' | 'to', text: string, dataset: DatasetFacts): Checked<number> {
  const instant = checkInstant(name, text)
  const length = partitionLength(dataset.granularity)
  if (!instant.ok || instant.value % length === 0) return instant
  const at = instant.value
  const before = formatInstant(Math.floor(at / length) * length)
  const after = formatInstant(Math.ceil(at / length) * length)
  const detail = `${quote(text)} is not the start of a UTC ${dataset.granularity}; ${dataset.id} is loaded by the ${dataset.granularity}: use ${before} or ${after}.`
  return { ok: false, errors: [{ pointer: `/${name}`, detail, allowed: [before, after] }] }
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

/** Why somebody has to confirm that a request is meant to be as large as it is, if so. */
export function checkSize(
  range: Range,
  series: readonly string[],
  { granularity, intervals }: DatasetFacts,
): FieldError | undefined {
  const partitions = countPartitions(range, granularity)
  const objects = partitions * series.length
  if (objects <= MAX_UNCONFIRMED) return undefined
  const each = intervals ? 'coins at intervals' : 'coins'
  const detail = `The request is ${partitions} ${granularity}s × ${series.length} ${each} = ${objects} objects. More than ${MAX_UNCONFIRMED} have to be confirmed: send "confirmed": true with POST /backfills, or --yes on the command line; or ask for less.`
  return { pointer: '/confirmed', detail }
}
