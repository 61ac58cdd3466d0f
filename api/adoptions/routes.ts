import { adoptWorkflowId } from '@backtide/core/ids'
import { quote } from '@backtide/core/problem'
import type { DataTable } from '@backtide/core/table'
import type { Registry } from '@backtide/datasets/registry'
import { createRoute } from '@hono/zod-openapi'
import { workflowPage, type Deps } from '../deps.ts'
import { invalidRequest, ProblemError } from '../http/problem.ts'
import { createRouter, json, problems } from '../http/router.ts'
import type { AdoptionRun } from '../temporal/runs.ts'
import { adoptBody, adoptionSchema, tableParam, type AdoptionView } from './schemas.ts'

const start = createRoute({
  method: 'post',
  path: '/adoptions',
  summary: "Take over a table of somebody else's that has the columns of one of Backtide's",
  description:
    'For a `market_data` or `l2_snapshot` that another program filled: its rows are copied day by day, those with the same keys become one, and the old table stays under another name. Nothing of it counts as complete before it was loaded from the archive and compared. With `dryRun` rows and duplicates are only counted.',
  request: { body: { required: true, content: { 'application/json': { schema: adoptBody } } } },
  responses: {
    202: json(adoptionSchema, 'Under way.'),
    ...problems(400, 409, 413, 415, 422, 503),
  },
})

const look = createRoute({
  method: 'get',
  path: '/adoptions/{table}',
  summary: 'How far the last adoption of a table is, and what came of it',
  request: { params: tableParam },
  responses: { 200: json(adoptionSchema, 'The adoption.'), ...problems(404, 422, 503) },
})

/** Routes that take over tables. */
export function adoptionRoutes(deps: Deps) {
  return createRouter()
    .openapi(start, async (c) => {
      const { table: name, dryRun } = c.req.valid('json')
      const table = findTable(deps.registry, name)
      await checkStanding(deps, table)
      const { tempo } = deps.settings
      if (!(await deps.runs.adopt({ table: name, dryRun, tempo }))) throw underWay(name)
      return c.json({ ...view(deps, name, { state: 'running' }), dryRun }, 202)
    })
    .openapi(look, async (c) => {
      const { table: name } = c.req.valid('param')
      findTable(deps.registry, name)
      const run = await deps.runs.adoption(name)
      if (!run) {
        throw new ProblemError({ code: 'not_found', detail: `${name} was not adopted lately.` })
      }
      return c.json(view(deps, name, run), 200)
    })
}

/** @throws ProblemError 422 for a table that is none of Backtide's */
function findTable({ all }: Registry, name: string): DataTable {
  const tables = new Map(all.map(({ table }) => [table.view.name, table]))
  const table = tables.get(name)
  if (table) return table
  const allowed = [...tables.keys()]
  const detail = `Backtide has no table ${quote(name)}; it has ${allowed.join(', ')}.`
  throw invalidRequest([{ pointer: '/table', detail, allowed }])
}

/** @throws ProblemError 422 where there is nothing that could be taken over */
async function checkStanding({ store }: Deps, table: DataTable): Promise<void> {
  const { name } = table.view
  const standing = await store.foreignTable(table)
  if (standing === 'adoptable') return
  const detail =
    standing === 'nothing'
      ? `There is no table ${name} of somebody else's: nothing is to be taken over.`
      : `Table ${name} has other columns than Backtide's (${table.view.columns.join(', ')}). Rename it (RENAME TABLE '${name}' TO '${name}_old'); Backtide then creates its own.`
  throw invalidRequest([{ pointer: '/table', detail }])
}

function underWay(name: string): ProblemError {
  const id = adoptWorkflowId(name)
  const detail = `${id} is running; wait for its end.`
  return new ProblemError({ code: 'loading', detail, ids: [id] })
}

function view(deps: Deps, table: string, { state, progress, reason }: AdoptionRun): AdoptionView {
  const { days = 0, daysDone = 0, rows = 0, duplicates = 0, objects = 0 } = progress ?? {}
  return {
    table,
    state,
    dryRun: progress?.dryRun ?? null,
    days,
    daysDone,
    rows,
    duplicates,
    objects,
    keptAs: progress?.keptAs ?? '',
    reason: reason ?? null,
    temporalUi: workflowPage(deps.settings, adoptWorkflowId(table)),
  }
}
