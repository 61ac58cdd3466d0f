import { scopeFields, resolveScope } from '@backtide/core/request'
import { formatInstant } from '@backtide/core/range'
import { createRoute, z } from '@hono/zod-openapi'
import type { Dataset, Source } from '@backtide/datasets/dataset'
import type { Deps } from '../deps.ts'
import { invalidRequest } from '../http/problem.ts'
import { createRouter, json, problems } from '../http/router.ts'
import {
  coverageSchema,
  datasetSchema,
  nameList,
  sourceSchema,
  type SourceView,
} from '../schemas.ts'
import { coverage } from './coverage.ts'

const list = createRoute({
  method: 'get',
  path: '/datasets',
  summary: 'What can be loaded',
  responses: { 200: json(z.object({ datasets: z.array(datasetSchema) }), 'The catalogue.') },
})

const sources = createRoute({
  method: 'get',
  path: '/sources',
  summary: 'Where the objects of datasets come from',
  responses: { 200: json(z.object({ sources: z.array(sourceSchema) }), 'Each of them once.') },
})

const cover = createRoute({
  method: 'get',
  path: '/coverage',
  summary: 'What is complete, what is not, and why, by day',
  request: {
    query: z.strictObject({
      dataset: scopeFields.dataset,
      coins: nameList.optional().openapi({ example: 'BTC,ETH' }),
      intervals: nameList
        .optional()
        .openapi({ description: 'Where the dataset has them: `1m,5m`, or `all`.' }),
      from: scopeFields.from,
      to: scopeFields.to,
      detail: z.literal('partitions').optional().openapi({
        description: 'For one coin (at one interval): also the state of each partition.',
      }),
    }),
  },
  responses: { 200: json(coverageSchema, 'Coverage, from the ledger.'), ...problems(422, 503) },
})

/** The catalogue, and what of it is loaded. */
export function datasetRoutes(deps: Deps) {
  return createRouter()
    .openapi(list, (c) => c.json({ datasets: deps.registry.all.map(viewDataset) }, 200))
    .openapi(sources, (c) => c.json({ sources: viewSources(deps.registry.all) }, 200))
    .openapi(cover, async (c) => {
      const { detail, ...asked } = c.req.valid('query')
      const scope = resolveScope(asked, deps.registry, deps.now())
      if (!scope.ok) throw invalidRequest(scope.errors)
      const granularity = deps.registry.find(asked.dataset)?.granularity ?? 'hour'
      return c.json(await coverage(deps, scope.value, granularity, detail !== undefined), 200)
    })
}

/** Every source once, with the datasets that use it. */
function viewSources(all: readonly Dataset[]): SourceView[] {
  const byName = new Map(all.map(({ source }) => [source.name, source]))
  return [...byName.values()].map((source) => ({
    ...viewSource(source),
    datasets: all.filter((dataset) => dataset.source.name === source.name).map(({ id }) => id),
  }))
}

/** What of a source is no function. */
function viewSource(source: Source) {
  const { objects: _objects, ...facts } = source
  if (facts.kind !== 'rest') return facts
  const { windowOf: _windowOf, ...shown } = facts
  return shown
}

function viewDataset(dataset: Dataset): z.infer<typeof datasetSchema> {
  const { id, title, granularity, symbols, symbolPattern, begins, finalAfterDays } = dataset
  const { view, columns, keys } = dataset.table
  return {
    id,
    title,
    granularity,
    symbols,
    symbolPattern: symbolPattern.source,
    ...(dataset.intervals && { intervals: [...dataset.intervals] }),
    begins: formatInstant(begins),
    finalAfterDays,
    table: view.name,
    columns: Object.fromEntries(view.columns.map((name) => [name, columns[name] ?? ''])),
    keys: keys.filter((key) => view.columns.includes(key)),
    inexact: [...dataset.inexact],
    source: viewSource(dataset.source),
  }
}
