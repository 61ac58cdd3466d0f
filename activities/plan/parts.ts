import { clampRange } from '@backtide/core/partition'
import { DAY_MS, type Range } from '@backtide/core/range'
import { countObjects } from '@backtide/datasets/count-objects'
import type { Dataset } from '@backtide/datasets/dataset'

/** Objects looked at together: so many are in memory, with what the ledger and the listing say of them. */
const TOGETHER = 20_000

/** A range cut between days, so that a part has some 20,000 objects, a day at least. */
export function partsOf(
  dataset: Dataset,
  range: Range,
  series: readonly string[],
): readonly Range[] {
  const day = { from: range.from, to: range.from + DAY_MS }
  const perDay = Math.max(1, countObjects(dataset, day, series))
  const length = Math.max(1, Math.floor(TOGETHER / perDay)) * DAY_MS
  const parts: Range[] = []
  const first = Math.floor(range.from / DAY_MS) * DAY_MS
  for (let from = first; from < range.to; from += length) {
    parts.push(clampRange({ from, to: from + length }, range))
  }
  return parts
}
