import { z } from 'zod'
import { partitionKey, partitionLength, partitionsOf } from '@backtide/core/partition'
import { formatInstant } from '@backtide/core/range'
import type { ObjectState } from '@backtide/core/state'
import type { Dataset } from '@backtide/datasets/dataset'
import { scopeOf, type BackfillRequest } from '@backtide/core/request'
import type { LedgerRow } from '@backtide/store/ledger/ledger-row'
import type { Deps } from '../deps.ts'
import { ProblemError } from '../http/problem.ts'
import type { ObjectView } from './schemas.ts'
import { cursorInstant, makeCursor, readCursor } from '../http/cursor.ts'

/** Objects one page of queued ones looks at, at most; it may then be shorter than asked for. */
const MAX_LOOKED_AT = 20_000

/** Keys are 1,024 bytes at most, and no statement holds control characters. */
const objectKey = z
  .string()
  .max(1_024)
  .regex(/^\P{Cc}*$/u)
const ledgerCursor = z.object({ partition: cursorInstant, object: objectKey })
const indexCursor = z.object({ index: z.int().min(0) })

export interface ObjectQuery {
  readonly state?: 'queued' | ObjectState | undefined
  readonly limit: number
  readonly cursor?: string | undefined
}

export interface ObjectPage {
  readonly partitions: ObjectView[]
  readonly next: string | null
}

/** Objects of a backfill, page by page, by partition and series; one without a row is `queued`. */
export async function listObjects(
  deps: Deps,
  request: BackfillRequest,
  query: ObjectQuery,
): Promise<ObjectPage> {
  const dataset = deps.registry.find(request.dataset)
  if (!dataset) {
    const detail = `Backtide has no dataset ${request.dataset} any more; query the table ledger.`
    throw new ProblemError({ code: 'conflict', detail })
  }
  return query.state === undefined || query.state === 'queued'
    ? await walkObjects(deps, request, dataset, query)
    : await listRows(deps, request, dataset, query.state, query)
}

async function listRows(
  deps: Deps,
  request: BackfillRequest,
  dataset: Dataset,
  state: ObjectState,
  { limit, cursor }: ObjectQuery,
): Promise<ObjectPage> {
  const after = readCursor(ledgerCursor, cursor)
  const page = { ...scopeOf(request), states: [state], limit, ...(after && { after }) }
  const rows = await deps.store.listLedger(page)
  const last = rows.at(-1)
  const more = last && rows.length === limit
  return {
    partitions: rows.map((row) => viewRow(row, dataset)),
    next: more ? makeCursor({ partition: last.partition, object: last.object }) : null,
  }
}

/** Walks the objects of the request by index, so that no page ever holds all of them. */
async function walkObjects(
  deps: Deps,
  request: BackfillRequest,
  dataset: Dataset,
  { state, limit, cursor }: ObjectQuery,
): Promise<ObjectPage> {
  const first = readCursor(indexCursor, cursor)?.index ?? 0
  const starts = partitionsOf(request.range, dataset.granularity, request.hours)
  const total = starts.length * request.symbols.length
  const end = Math.min(total, first + MAX_LOOKED_AT)
  const partitions: ObjectView[] = []
  let index = first
  while (index < end && partitions.length < limit) {
    const step = Math.min(end - index, state === 'queued' ? 1_000 : limit - partitions.length)
    for (const views of await viewObjects(deps, { ...request, starts }, dataset, index, step)) {
      if (partitions.length >= limit) break
      index += 1
      partitions.push(...views.filter((view) => !state || view.state === state))
    }
  }
  return { partitions, next: index < total ? makeCursor({ index }) : null }
}

/** The objects of some partitions and series, by these. */
async function viewObjects(
  deps: Deps,
  request: BackfillRequest & { readonly starts: readonly number[] },
  dataset: Dataset,
  index: number,
  count: number,
): Promise<ObjectView[][]> {
  const length = partitionLength(dataset.granularity)
  const { symbols, starts } = request
  const wanted = Array.from({ length: count }, (_, offset) => {
    const partition = starts[Math.floor((index + offset) / symbols.length)] ?? request.range.from
    const series = symbols[(index + offset) % symbols.length] ?? '*'
    return { partition, series, keys: dataset.source.objects(partition, series) }
  })
  const from = wanted.at(0)?.partition ?? request.range.from
  const to = (wanted.at(-1)?.partition ?? from) + length
  const asked = [...new Set(wanted.map(({ series }) => series))]
  const most = Math.max(1, ...wanted.map(({ keys }) => keys.length))
  const rows = await deps.store.listLedger({
    dataset: dataset.id,
    symbols: asked,
    range: { from, to },
    limit: ((to - from) / length) * asked.length * most,
  })
  const found = new Map(rows.map((row) => [`${row.partition} ${row.object}`, row]))
  return wanted.map(({ partition, series, keys }) =>
    keys.map((object) => {
      const row = found.get(`${partition} ${object}`)
      if (row) return viewRow(row, dataset)
      const start = partitionKey(partition, dataset.granularity)
      return { partition: start, series, object, state: 'queued' }
    }),
  )
}

function viewRow(row: LedgerRow, dataset: Dataset): ObjectView {
  const { object, state, backfillId, lines, rejected, warnings, superseded, ghosts } = row
  const { etag, size, contentHash, decoderVersion } = row
  return {
    partition: partitionKey(row.partition, dataset.granularity),
    series: row.symbol,
    object,
    state,
    ...(row.reason && { reason: row.reason }),
    backfillId,
    rows: row.distinctRows,
    lines,
    rejected,
    warnings,
    superseded,
    ghosts,
    ...(etag && { etag, size, contentHash, decoderVersion }),
    ...(row.details && { details: readDetails(row.details) }),
    ...(row.minTs !== undefined && { minTs: formatMicros(row.minTs) }),
    ...(row.maxTs !== undefined && { maxTs: formatMicros(row.maxTs) }),
    checkedAt: formatInstant(row.checkedAt),
  }
}

function readDetails(details: string): unknown {
  try {
    return JSON.parse(details)
  } catch {
    return details
  }
}

/** UTC microseconds as ISO 8601 with six decimals. */
function formatMicros(micros: number): string {
  const milliseconds = Math.floor(micros / 1000)
  const rest = String(micros - milliseconds * 1000).padStart(3, '0')
  return new Date(milliseconds).toISOString().replace('Z', `${rest}Z`)
}
