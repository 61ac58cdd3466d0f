import { StoreUnavailableError } from '@backtide/store/errors'
import type { FieldError, Problem } from '@backtide/core/problem'
import { HTTPException } from 'hono/http-exception'
import { TemporalUnavailableError } from '../temporal/runs.ts'

/** What a problem says; the rest follows from its code. */
export interface ProblemFacts {
  readonly code: ProblemCode
  readonly detail: string
  readonly errors?: readonly FieldError[]
  /** State of the backfill, where that is the problem. */
  readonly state?: string
  /** Ids of the workflows that stand in the way. */
  readonly ids?: readonly string[]
  /** Headers of the answer, beside those of its status. */
  readonly headers?: Readonly<Record<string, string>>
}

/** Every problem the API knows: status and title by code. */
export const PROBLEMS = {
  malformed_json: { status: 400, title: 'The body is not JSON' },
  unauthorized: { status: 401, title: 'A token is needed' },
  forbidden_origin: { status: 403, title: 'Requests of other sites are refused' },
  insufficient_scope: { status: 403, title: 'The token may not do that' },
  not_found: { status: 404, title: 'Not found' },
  method_not_allowed: { status: 405, title: 'The path does not take this method' },
  conflict: { status: 409, title: 'The backfill is not in a state for that' },
  plan_not_ready: { status: 409, title: 'The plan is not ready' },
  plan_stale: { status: 412, title: 'The plan is stale' },
  loading: { status: 409, title: 'The range is being loaded' },
  body_too_large: { status: 413, title: 'The body is too large' },
  unsupported_media_type: { status: 415, title: 'The body must be JSON' },
  host_not_allowed: { status: 421, title: 'This host name is not served' },
  invalid_request: { status: 422, title: 'The request cannot be carried out' },
  idempotency_key_reused: { status: 422, title: 'The idempotency key belongs to another request' },
  too_many_requests: { status: 429, title: 'Too many requests' },
  internal: { status: 500, title: 'Something broke inside Backtide' },
  temporal_unavailable: { status: 503, title: 'Temporal does not answer' },
  questdb_unavailable: { status: 503, title: 'QuestDB does not answer' },
} as const

export type ProblemCode = keyof typeof PROBLEMS

/** A request that is refused; thrown anywhere, answered as problem+json. */
export class ProblemError extends Error {
  override readonly name = 'ProblemError'
  readonly facts: ProblemFacts

  constructor(facts: ProblemFacts, options?: ErrorOptions) {
    super(facts.detail, options)
    this.facts = facts
  }
}

/** 422 that names every field; its detail is one line made of theirs. */
export function invalidRequest(errors: readonly FieldError[]): ProblemError {
  const detail = errors.map((error) => `${error.pointer || 'body'}: ${error.detail}`).join(' ')
  return new ProblemError({ code: 'invalid_request', detail, errors })
}

/** 404 of a backfill. */
export function noSuchBackfill(id: string): ProblemError {
  const detail = `There is no backfill ${JSON.stringify(id.slice(0, 200))}.`
  return new ProblemError({ code: 'not_found', detail })
}

/** What is said about an error: dependencies away are 503, the unexpected is 500 without details. */
export function factsOf(error: unknown): ProblemFacts {
  if (error instanceof ProblemError) return error.facts
  if (error instanceof TemporalUnavailableError) {
    return { code: 'temporal_unavailable', detail: `${error.message} Try again in a few seconds.` }
  }
  if (error instanceof StoreUnavailableError) {
    const detail =
      'QuestDB is away, frozen, restarting or overloaded. Look at its process and its log, and try again; ' +
      'pause, resume and cancel work without it.'
    return { code: 'questdb_unavailable', detail }
  }
  if (error instanceof HTTPException) return httpFacts(error)
  const detail = 'The request failed for a reason nobody expected; the log has it by request id.'
  return { code: 'internal', detail }
}

/** Body of a problem. */
export function problemBody(facts: ProblemFacts, instance: string, requestId?: string): Problem {
  const { status, title } = PROBLEMS[facts.code]
  return {
    type: `urn:backtide:problem:${facts.code}`,
    title,
    status,
    detail: facts.detail,
    instance,
    code: facts.code,
    ...(requestId && { requestId }),
    ...(facts.state && { state: facts.state }),
    ...(facts.ids && { ids: facts.ids }),
    ...(facts.errors && { errors: facts.errors }),
  }
}

/** Refusals of the framework itself, thrown before a handler runs. */
function httpFacts(error: HTTPException): ProblemFacts {
  if (error.status === 415) {
    const detail = 'Send the body as JSON, with the header "Content-Type: application/json".'
    return { code: 'unsupported_media_type', detail }
  }
  if (error.status === 400) {
    return { code: 'malformed_json', detail: 'The body could not be read as JSON (UTF-8).' }
  }
  return { code: 'internal', detail: 'The request could not be served.' }
}
