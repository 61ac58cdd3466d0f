import { GAP_CAUSES, type GapCause } from '@backtide/core/gap'
import { partitionLength } from '@backtide/core/partition'
import { DAY_MS, formatInstant, HOUR_MS } from '@backtide/core/range'
import type { Scope } from '@backtide/core/request'
import { parseSeries } from '@backtide/core/series'
import type { Dataset } from '@backtide/datasets/dataset'
import { versionSpans } from '@backtide/datasets/version-spans'
import type { Gap, GapPosition } from '@backtide/store/ledger/find-gaps'
import { z } from '@hono/zod-openapi'
import type { Deps } from '../deps.ts'
import { cursorInstant, makeCursor, readCursor } from '../http/cursor.ts'
import type { GapPage, GapView } from './schemas.ts'

/** A length of time in a query: `90m`, `1h`, `7d`; in milliseconds. */
export const span = z
  .string()
  .regex(/^\d{1,6}[mhd]$/, 'Use a number of minutes, hours or days, such as 90m, 1h or 7d.')
  .transform((text) => Number(text.slice(0, -1)) * (UNITS[text.at(-1) ?? ''] ?? 0))
  .openapi({ type: 'string', pattern: '^\\d{1,6}[mhd]$', example: '1h' })

const UNITS: Readonly<Record<string, number>> = { m: 60_000, h: HOUR_MS, d: DAY_MS }

const cause = z.enum(GAP_CAUSES)

/** Causes in a query, separated by commas. */
export const causeList = z
  .string()
  .max(200)
  .transform((text) => text.split(','))
  .pipe(z.array(cause).min(1))
  .openapi({
    type: 'string',
    pattern: `^(${GAP_CAUSES.join('|')})(,(${GAP_CAUSES.join('|')}))*$`,
    example: 'missing,corrupt',
  })

const gapCursor = z.object({
  from: cursorInstant,
  series: z
    .string()
    .max(200)
    .regex(/^[ -~]*$/),
  cause,
  /** How many of this start, series and cause the pages before had. */
  seen: z.int().min(1).max(1_000),
})

export interface GapsQuery {
  readonly atLeast: number
  readonly causes: readonly GapCause[]
  readonly limit: number
  readonly cursor?: string | undefined
}

/** Gaps of a part of a dataset of any size, page by page. */
export async function listGaps(
  deps: Deps,
  scope: Scope,
  dataset: Dataset,
  { cursor, limit, ...asked }: GapsQuery,
): Promise<GapPage> {
  const after = readCursor(gapCursor, cursor)
  const found = await deps.store.findGaps({
    ...scope,
    ...asked,
    ...judgeOf(deps, dataset),
    // One more than the page, and those that earlier pages had.
    limit: limit + 1 + (after?.seen ?? 0),
    ...(after && { since: after }),
  })
  const left = after ? found.slice(countSame(found, after, after.seen)) : found
  const page = left.slice(0, limit)
  return {
    gaps: page.map((gap) => viewGap(dataset.id, gap)),
    next: left.length > limit ? cursorAfter(page, after) : null,
  }
}

/** What the store needs to know of a dataset to find its gaps. */
export function judgeOf({ now }: Pick<Deps, 'now'>, { granularity, formats }: Dataset) {
  return {
    partitionLength: partitionLength(granularity),
    now: now(),
    versions: versionSpans(formats),
  }
}

function cursorAfter(
  page: readonly Gap[],
  before: (GapPosition & { readonly seen: number }) | undefined,
): string | null {
  const last = page.at(-1)
  if (!last) return null
  const { from, series, cause: why } = last
  const earlier = before && isSame(last, before) ? before.seen : 0
  const seen = earlier + page.filter((gap) => isSame(gap, last)).length
  return makeCursor({ from, series, cause: why, seen })
}

/** How many at the beginning are at a position, `most` at most: gaps may have been closed since. */
function countSame(gaps: readonly Gap[], position: GapPosition, most: number): number {
  const end = gaps.findIndex((gap) => !isSame(gap, position))
  return Math.min(most, end < 0 ? gaps.length : end)
}

function isSame(a: GapPosition, b: GapPosition): boolean {
  return a.from === b.from && a.series === b.series && a.cause === b.cause
}

function viewGap(dataset: string, gap: Gap): GapView {
  const { symbol, interval } = parseSeries(gap.series)
  return {
    dataset,
    coin: symbol,
    ...(interval !== undefined && { interval }),
    from: formatInstant(gap.from),
    to: formatInstant(gap.to),
    cause: gap.cause,
    ...(gap.reason && { reason: gap.reason }),
    objects: gap.objects,
    repairable: gap.repairable,
  }
}
