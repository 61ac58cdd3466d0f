import {
  scopeFields,
  backfillBody,
  resolveRequest,
  type BackfillBody,
} from '@backtide/core/request'
import { formatInstant, parseInstant } from '@backtide/core/range'
import { parseHours, partitionLength } from '@backtide/core/partition'
import { fieldErrorsOf, quote, type FieldError } from '@backtide/core/problem'
import { totalCount } from '@backtide/core/state'
import { createRoute, z } from '@hono/zod-openapi'
import type { Dataset } from '@backtide/datasets/dataset'
import type { Registry } from '@backtide/datasets/registry'
import type { Deps } from '../deps.ts'
import { count, nameList } from '../http/fields.ts'
import { invalidRequest } from '../http/problem.ts'
import { createRouter, json, problems } from '../http/router.ts'
import { backfillSchema, type BackfillView } from './schemas.ts'
import { submit } from './submit.ts'
import { viewAccepted } from './view.ts'

/** AnySignal's sources, and the datasets that fill the tables which its queries read. */
const SOURCES: Readonly<Record<string, string>> = {
  HyperliquidAssetCtxs: 'hyperliquid.market_data',
  HyperliquidL2Orderbook: 'hyperliquid.l2_snapshot',
  HyperliquidNodeFills: 'hyperliquid.fills',
  HyperliquidNodeFillsLegacy: 'hyperliquid.fills',
  // Its minutes are made of the fills in the database.
  HyperliquidNodeFills1mAggregate: 'hyperliquid.fills',
  HyperliquidNodeFillsLegacy1mAggregate: 'hyperliquid.fills',
}

export const SOURCE_NAMES: readonly string[] = Object.keys(SOURCES)

const query = z.strictObject({
  source: z.string().max(100).openapi({ example: 'HyperliquidL2Orderbook' }),
  from: scopeFields.from.meta({ example: '2025-01-01T00:00:00' }),
  to: scopeFields.to.meta({
    example: '2025-01-01T23:00:00',
    description: 'Inclusive: its hour or day is loaded.',
  }),
  hours: z
    .string()
    .max(100)
    .transform((text, context) => {
      const hours = parseHours(text)
      if (!hours) context.addIssue('Send hours from 0 to 23, such as 0-7,14.')
      return hours
    })
    .optional()
    .openapi({ type: 'string', description: 'Only these of each UTC day: 0-7,14.' }),
  coins: nameList.optional().openapi({ example: 'BTC,ETH' }),
  intervals: nameList.optional().openapi({ description: 'Of our own datasets that have them.' }),
  force: z.enum(['true', 'false']).default('false'),
})

const get = createRoute({
  method: 'get',
  path: '/backfill',
  summary: "AnySignal's call: start a backfill, or find the equal one that runs",
  request: { query },
  responses: {
    202: json(
      z.object({
        id: z.string(),
        status: z.string(),
        location: z.string(),
        total_ok: count,
        total_err: count,
        total_skipped: count,
        rows_inserted: count,
        elapsed_ms: count,
        backfill: backfillSchema,
      }),
      "Accepted; AnySignal's totals say how far it is.",
    ),
    ...problems(422, 503),
  },
})

/** The call that AnySignal's users know. */
export function anySignalRoutes(deps: Deps) {
  return createRouter().openapi(get, async (c) => {
    const receivedAt = deps.now()
    const asked = c.req.valid('query')
    const dataset = findSource(asked.source, deps.registry)
    const body = bodyOf(asked, dataset)
    const resolved = resolveRequest(body, deps.registry, receivedAt)
    if (!resolved.ok) throw invalidRequest(resolved.errors.map(nameParameter))
    const { warnings, ...submission } = resolved.value
    const record = await submit(deps, { ...submission, receivedAt })
    const backfill = await viewAccepted(deps, record, warnings)
    const location = `/backfills/${record.id}`
    c.header('Location', location)
    const { id, state: status } = backfill
    return c.json({ id, status, location, ...totalsOf(backfill), backfill }, 202)
  })
}

function findSource(source: string, registry: Registry): Dataset {
  const dataset = registry.find(Object.hasOwn(SOURCES, source) ? (SOURCES[source] ?? '') : source)
  if (dataset) return dataset
  const allowed = [...SOURCE_NAMES, ...registry.all.map((known) => known.id)]
  const detail = `${quote(source)} is not a source; known are ${allowed.join(', ')}.`
  throw invalidRequest([{ pointer: '/source', detail, allowed }])
}

/** AnySignal answers with these when it is done, Backtide with what they are by now. */
function totalsOf({ counts, own, seconds }: BackfillView) {
  const { failed = 0 } = counts
  return {
    total_ok: Math.max(0, own.objects - failed),
    total_err: failed,
    total_skipped: Math.max(0, totalCount(counts) - own.objects),
    rows_inserted: own.rows,
    elapsed_ms: Math.round(seconds * 1000),
  }
}

/** The call as a body of `POST /backfills`. @throws ProblemError 422 for what no body may hold */
function bodyOf(asked: z.output<typeof query>, dataset: Dataset): BackfillBody {
  const { source, from, to, hours, intervals, force } = asked
  const coins = Object.hasOwn(SOURCES, source) ? asked.coins?.map(inCapitals) : asked.coins
  const named = dataset.symbols === 'named' && coins !== undefined
  const read = backfillBody.safeParse({
    dataset: dataset.id,
    from: alignBound(from, dataset, 0),
    to: alignBound(to, dataset, 1),
    ...(named && { coins }),
    ...(hours && { hours }),
    ...(intervals && { intervals }),
    reprocess: force === 'true' ? 'all' : 'incomplete',
  })
  if (!read.success) throw invalidRequest(fieldErrorsOf(read.error.issues).map(nameParameter))
  return read.data
}

/** AnySignal takes `btc` for BTC; a coin with capitals in it (`kPEPE`) is written as it is. */
function inCapitals(coin: string): string {
  return coin === coin.toLowerCase() ? coin.toUpperCase() : coin
}

/** Start of the hour or day a bound lies in, `steps` partitions on; unreadable text stays. */
function alignBound(text: string, { granularity }: Dataset, steps: number): string {
  const at = parseInstant(text)
  if (at === undefined) return text
  const length = partitionLength(granularity)
  return formatInstant((Math.floor(at / length) + steps) * length)
}

/** A name of a list is named by the parameter that holds the list. */
function nameParameter(error: FieldError): FieldError {
  return { ...error, pointer: error.pointer.replace(/^\/(coins|intervals)\/\d+$/, '/$1') }
}
