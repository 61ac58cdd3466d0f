import {
  checkInstant,
  checkIntervals,
  checkNames,
  errorsOf,
  type Checked,
} from '@backtide/core/check-scope'
import { DAY_MS, formatInstant, type Range } from '@backtide/core/range'
import type { Dataset } from '@backtide/datasets/dataset'
import { invalidRequest } from '../http/problem.ts'

/** Which rows somebody wants to see, as they wrote it. */
export interface RowsQuery {
  readonly last: number
  readonly coins?: readonly string[] | undefined
  readonly intervals?: readonly string[] | undefined
  readonly from?: string | undefined
  readonly to?: string | undefined
}

/** The same, checked. */
export interface RowsWanted {
  readonly range: Range
  readonly coins?: readonly string[]
  readonly intervals?: readonly string[]
}

/** Most coins of one question: with all their intervals they fit one statement. */
const MOST_COINS = 20

/**
 * Checks which rows are asked for, at an instant (UTC milliseconds). A range is any, cut to where rows
 * can be.
 * @throws ProblemError 422 naming what is wrong
 */
export function checkRowsQuery(dataset: Dataset, query: RowsQuery, now: number): RowsWanted {
  const coins = query.coins?.length ? checkCoins(query.coins, dataset) : NOTHING
  const intervals = query.intervals ? checkIntervals(query.intervals, dataset) : NOTHING
  const from = query.from === undefined ? NOTHING : checkInstant('from', query.from)
  const to = query.to === undefined ? NOTHING : checkInstant('to', query.to)
  if (!coins.ok || !intervals.ok || !from.ok || !to.ok) {
    throw invalidRequest(errorsOf(coins, intervals, from, to))
  }
  if (from.value !== undefined && to.value !== undefined && from.value >= to.value) {
    const detail = `The range ends at ${formatInstant(to.value)}, which is not after its start; "to" is exclusive.`
    throw invalidRequest([{ pointer: '/to', detail }])
  }
  const within = { from: dataset.begins - DAY_MS, to: now + DAY_MS }
  const cut = (at: number) => Math.min(Math.max(at, within.from), within.to)
  return {
    range: { from: cut(from.value ?? within.from), to: cut(to.value ?? within.to) },
    ...(coins.value && { coins: coins.value }),
    ...(intervals.value && { intervals: intervals.value }),
  }
}

const NOTHING: Checked<undefined> = { ok: true, value: undefined }

function checkCoins(coins: readonly string[], dataset: Dataset): Checked<readonly string[]> {
  const names = checkNames(coins, dataset)
  if (!names.ok || names.value.length <= MOST_COINS) return names
  const detail = `${names.value.length} coins are more than one look takes; name ${MOST_COINS} at most.`
  return { ok: false, errors: [{ pointer: '/coins', detail }] }
}
