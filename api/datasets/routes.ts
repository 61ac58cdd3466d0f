import { scopeFields } from '@backtide/core/request'
import { createRoute, z } from '@hono/zod-openapi'
import type { Deps } from '../deps.ts'
import { nameList, wholeNumber } from '../http/fields.ts'
import { ProblemError } from '../http/problem.ts'
import { createRouter, json, problems } from '../http/router.ts'
import { catalogueSchema, rowsSchema, sourceSchema } from './schemas.ts'
import { catalogue, viewSources } from './catalogue.ts'
import { showRows } from './rows.ts'

const list = createRoute({
  method: 'get',
  path: '/datasets',
  summary: 'What can be loaded, and what is',
  request: {
    query: z.strictObject({
      detail: z.literal('loaded').optional().openapi({
        description: 'Also what the ledger has of each; a warning instead while QuestDB is away.',
      }),
    }),
  },
  responses: { 200: json(catalogueSchema, 'The catalogue.'), ...problems(422) },
})

const sources = createRoute({
  method: 'get',
  path: '/sources',
  summary: 'Where the objects of datasets come from',
  responses: { 200: json(z.object({ sources: z.array(sourceSchema) }), 'Each of them once.') },
})

const rows = createRoute({
  method: 'get',
  path: '/datasets/{dataset}/rows',
  summary: 'The last rows of a dataset, and whether they are verified',
  request: {
    params: z.object({ dataset: scopeFields.dataset }),
    query: z.strictObject({
      last: wholeNumber(500, 10),
      coins: nameList.optional().openapi({ example: 'BTC', description: '20 at most.' }),
      intervals: nameList.optional().openapi({ description: 'Where the dataset has them.' }),
      from: scopeFields.from.optional(),
      to: scopeFields.to.optional(),
    }),
  },
  responses: { 200: json(rowsSchema, 'Rows, oldest first.'), ...problems(404, 422, 503) },
})

/** The catalogue, and what of it is loaded. */
export function datasetRoutes(deps: Deps) {
  return createRouter()
    .openapi(list, async (c) =>
      c.json(await catalogue(deps, c.req.valid('query').detail === 'loaded'), 200),
    )
    .openapi(sources, (c) => c.json({ sources: viewSources(deps.registry.all) }, 200))
    .openapi(rows, async (c) => {
      const { dataset: id } = c.req.valid('param')
      const dataset = deps.registry.find(id)
      if (!dataset) throw noSuchDataset(id)
      return c.json(await showRows(deps, dataset, c.req.valid('query')), 200)
    })
}

function noSuchDataset(id: string): ProblemError {
  const detail = `There is no dataset ${JSON.stringify(id)}; GET /datasets lists them.`
  return new ProblemError({ code: 'not_found', detail })
}
