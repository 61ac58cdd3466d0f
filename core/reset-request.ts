import { z } from 'zod'
import {
  ALL_INTERVALS,
  checkCoins,
  checkIntervals,
  checkRange,
  errorsOf,
  unknownDataset,
  type AskedScope,
  type Catalogue,
  type Checked,
} from './check-scope.ts'
import type { Range } from './range.ts'
import { backfillBody, EXAMPLE } from './request.ts'

const { shape } = backfillBody

/** Body of `POST /ledger/reset`. */
export const resetBody = z
  .strictObject({
    dataset: shape.dataset,
    coins: shape.coins,
    intervals: shape.intervals,
    from: shape.from,
    to: shape.to,
    /** Only says what would be forgotten. */
    dryRun: z.boolean().default(false),
    reason: z.string().max(500).optional(),
    by: z.string().max(100).optional(),
  })
  .meta({ example: { ...EXAMPLE, dryRun: true } })

export type ResetBody = z.output<typeof resetBody>

/** What is to be forgotten, resolved: all coins, and all intervals, where none are named. */
export interface ResetRequest {
  readonly range: Range
  readonly coins?: readonly string[]
  readonly intervals?: readonly string[]
}

/** Checks what is to be forgotten, of a range of any length; collects every error. */
export function resolveReset(
  asked: AskedScope,
  catalogue: Catalogue,
  now: number,
): Checked<ResetRequest> {
  const dataset = catalogue.find(asked.dataset)
  if (!dataset) return { ok: false, errors: [unknownDataset(asked.dataset, catalogue)] }
  const intervals = asked.intervals ? checkIntervals(asked.intervals, dataset) : NONE_NAMED
  const every = !asked.intervals || asked.intervals.includes(ALL_INTERVALS)
  const coins = asked.coins || !every ? checkCoins(asked.coins, dataset) : NONE_NAMED
  const range = checkRange(asked, dataset, now)
  if (!coins.ok || !intervals.ok || !range.ok) {
    return { ok: false, errors: errorsOf(coins, intervals, range) }
  }
  return {
    ok: true,
    value: {
      range: range.value,
      ...(coins.value && { coins: coins.value }),
      ...(!every && intervals.value && { intervals: intervals.value }),
    },
  }
}

const NONE_NAMED: Checked<undefined> = { ok: true, value: undefined }
