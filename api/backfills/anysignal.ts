import {
  scopeFields,
  backfillBody,
  resolveRequest,
  type BackfillBody,
} from '@backtide/core/request'
import { formatInstant, parseInstant } from '@backtide/core/range'
import { partitionLength } from '@backtide/core/partition'
import { fieldErrorsOf, quote, type FieldError } from '@backtide/core/problem'
import { createRoute, z } from '@hono/zod-openapi'
import type { Dataset } from '@backtide/datasets/dataset'
import type { Registry } from '@backtide/datasets/registry'
import type { Deps } from '../deps.ts'
import { nameList } from '../http/fields.ts'
import { invalidRequest } from '../http/problem.ts'
import { createRouter, json, problems } from '../http/router.ts'
import { backfillSchema } from './schemas.ts'
import { submit } from './submit.ts'
import { viewAccepted } from './view.ts'

/** Names of AnySignal's sources. */
const SOURCES: Readonly<Record<string, string>> = {
  HyperliquidL2Orderbook: 'hyperliquid.l2_snapshot',
  HyperliquidAssetCtxs: 'hyperliquid.asset_ctxs',
}

export const SOURCE_NAMES: readonly string[] = Object.keys(SOURCES)

const query = z.strictObject({
  source: z.string().max(100).openapi({ example: 'HyperliquidL2Orderbook' }),
  from: scopeFields.from.meta({ example: '2025-01-01T00:00:00' }),
  to: scopeFields.to.meta({
    example: '2025-01-01T23:00:00',
    description: 'Inclusive: its hour or day is loaded.',
  }),
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
        backfill: backfillSchema,
      }),
      'Accepted.',
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
    const resolved = resolveRequest(bodyOf(asked, dataset), deps.registry, receivedAt)
    if (!resolved.ok) throw invalidRequest(resolved.errors.map(nameParameter))
    const { warnings, ...submission } = resolved.value
    const record = await submit(deps, { ...submission, receivedAt })
    const backfill = await viewAccepted(deps, record, warnings)
    const location = `/backfills/${record.id}`
    c.header('Location', location)
    return c.json({ id: record.id, status: backfill.state, location, backfill }, 202)
  })
}

function findSource(source: string, registry: Registry): Dataset {
  const dataset = registry.find(Object.hasOwn(SOURCES, source) ? (SOURCES[source] ?? '') : source)
  if (dataset) return dataset
  const allowed = [...SOURCE_NAMES, ...registry.all.map((known) => known.id)]
  const detail = `${quote(source)} is not a source; known are ${allowed.join(', ')}.`
  throw invalidRequest([{ pointer: '/source', detail, allowed }])
}

/** The call as a body of `POST /backfills`. @throws ProblemError 422 for what no body may hold */
function bodyOf(asked: z.output<typeof query>, dataset: Dataset): BackfillBody {
  const { from, to, coins, intervals, force } = asked
  const named = dataset.symbols === 'named' && coins !== undefined
  const read = backfillBody.safeParse({
    dataset: dataset.id,
    from: alignBound(from, dataset, 0),
    to: alignBound(to, dataset, 1),
    ...(named && { coins }),
    ...(intervals && { intervals }),
    reprocess: force === 'true' ? 'all' : 'incomplete',
  })
  if (!read.success) throw invalidRequest(fieldErrorsOf(read.error.issues).map(nameParameter))
  return read.data
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
