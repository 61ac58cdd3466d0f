import type { KnownToken } from '@backtide/config/tokens'
import { fieldErrorsOf, type SchemaIssue } from '@backtide/core/problem'
import { OpenAPIHono, z } from '@hono/zod-openapi'
import type { RequestIdVariables } from 'hono/request-id'
import { invalidRequest } from './problem.ts'

export interface AppEnv {
  Variables: RequestIdVariables & {
    /** The token of the request, where tokens are asked for. */
    token?: KnownToken
  }
}

/** A group of routes; what a schema refuses is answered as 422 problem+json. */
export function createRouter(): OpenAPIHono<AppEnv> {
  return new OpenAPIHono<AppEnv>({
    defaultHook: (result: { success: boolean; error?: { issues: readonly SchemaIssue[] } }) => {
      if (!result.success) throw invalidRequest(fieldErrorsOf(result.error?.issues ?? []))
    },
  })
}

/** A response with a JSON body, for OpenAPI. */
export function json<T>(schema: T, description: string) {
  return { description, content: { 'application/json': { schema } } } as const
}

const TITLES = {
  400: 'The body is not JSON.',
  401: 'A token is needed.',
  403: 'The token has not the scope that is needed.',
  404: 'There is no such backfill, dataset, or connection.',
  409: 'What is running does not allow it.',
  412: 'What the plan saw has changed since; `detail` says what.',
  413: 'The body is too large.',
  415: 'The body is not declared as JSON.',
  422: 'A field is wrong; `errors` names it and what is allowed.',
  429: 'More than a token may ask for; try again after `Retry-After` seconds.',
  503: 'Temporal or QuestDB is away; try again after `Retry-After` seconds.',
} as const

/** Problem responses of a route, for OpenAPI; handlers throw them. */
export function problems(...statuses: readonly (keyof typeof TITLES)[]) {
  const content = { 'application/problem+json': { schema: problemSchema } }
  return Object.fromEntries(
    statuses.map((status) => [status, { description: TITLES[status], content }]),
  ) as object
}

const problemSchema = z
  .object({
    type: z.string(),
    title: z.string(),
    status: z.int(),
    detail: z.string(),
    instance: z.string().optional(),
    code: z.string(),
    requestId: z.string().optional(),
    state: z.string().optional(),
    ids: z.array(z.string()).optional(),
    errors: z
      .array(
        z.object({
          pointer: z.string(),
          detail: z.string(),
          allowed: z.array(z.string()).optional(),
        }),
      )
      .optional(),
  })
  .openapi('Problem', { description: 'A refused request, RFC 9457.' })
