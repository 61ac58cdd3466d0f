import { VERSION } from '@backtide/core/version'
import type { OpenAPIHono } from '@hono/zod-openapi'
import { SOURCE_NAMES } from '../backfills/anysignal.ts'
import type { Deps } from '../deps.ts'
import { OPEN_ROUTES } from './gate.ts'
import { problems, type AppEnv } from './router.ts'

const INFO = {
  openapi: '3.1.0',
  info: {
    title: 'Backtide',
    version: VERSION,
    description: 'Fills a QuestDB with market history, exactly once, and proves it.',
    license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
  },
}

/** Chapters of the document, by the first part of a path. */
const CHAPTERS: Readonly<Record<string, string>> = {
  backfills: 'Backfills',
  plans: 'Backfills',
  budget: 'Backfills',
  backfill: 'Backfills',
  follows: 'Backfills',
  datasets: 'Datasets',
  sources: 'Datasets',
  coverage: 'Datasets',
  ledger: 'Ledger',
  adoptions: 'Ledger',
  health: 'Supervision',
  ready: 'Supervision',
  metrics: 'Supervision',
}

interface Operation {
  tags?: string[]
  security?: Record<string, string[]>[]
  parameters?: { name: string; in: string; schema: { enum?: string[] } }[]
  requestBody?: { content: Record<string, { schema: BodySchema & { anyOf?: BodySchema[] } }> }
  responses: Record<string, object>
}

interface BodySchema {
  properties?: Record<string, object>
}

/**
 * The OpenAPI document: what the routes say of themselves, and what holds for all of them. It names
 * the datasets there are, and asks for a token where tokens are asked for.
 */
export function describeApi(
  app: OpenAPIHono<AppEnv>,
  { registry, settings }: Pick<Deps, 'registry' | 'settings'>,
): object {
  const document = app.getOpenAPI31Document(INFO)
  const paths = (document.paths ?? {}) as unknown as Record<string, Record<string, Operation>>
  const ids = registry.all.map(({ id }) => id)
  for (const [path, operations] of Object.entries(paths)) {
    for (const operation of Object.values(operations)) {
      operation.tags = [CHAPTERS[path.split('/')[1] ?? ''] ?? 'Supervision']
      nameDatasets(operation, ids)
      // Queries hold lists, and Node refuses a head that is too large before anybody reads it.
      if (operation.parameters?.some((parameter) => parameter.in === 'query')) {
        operation.responses['431'] = { description: 'The address is too long.' }
      }
      if (settings.tokens && !OPEN_ROUTES.has(path)) askForToken(operation)
    }
  }
  if (!settings.tokens) return document
  const securitySchemes = { token: { type: 'http', scheme: 'bearer' } }
  return { ...document, components: { ...document.components, securitySchemes } }
}

function askForToken(operation: Operation): void {
  operation.security = [{ token: [] }]
  Object.assign(operation.responses, problems(401, 403, 429))
}

function nameDatasets({ parameters = [], requestBody }: Operation, ids: readonly string[]): void {
  for (const { name, schema } of parameters) {
    if (name === 'dataset') schema.enum = [...ids]
    if (name === 'source') schema.enum = [...SOURCE_NAMES, ...ids]
  }
  const schema = requestBody?.content['application/json']?.schema
  for (const { properties: fields } of schema?.anyOf ?? [schema ?? {}]) {
    if (fields?.['dataset']) fields['dataset'] = { ...fields['dataset'], enum: [...ids] }
  }
}
