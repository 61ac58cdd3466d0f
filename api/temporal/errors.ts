import { isGrpcServiceError } from '@temporalio/client'
import { TemporalUnavailableError } from './runs.ts'

/** gRPC status codes (grpc/grpc doc/statuscodes.md) of a server that is away, slow or overloaded. */
const AWAY: ReadonlySet<number> = new Set([
  1, // CANCELLED
  4, // DEADLINE_EXCEEDED
  8, // RESOURCE_EXHAUSTED
  10, // ABORTED
  14, // UNAVAILABLE
])
const INVALID_ARGUMENT = 3
const NOT_FOUND = 5
const PERMISSION_DENIED = 7
const UNAUTHENTICATED = 16

/** Turns what the client throws while Temporal is away into `TemporalUnavailableError`. */
export function asUnavailable(error: unknown): unknown {
  const status = grpcStatusOf(error)
  if (status && AWAY.has(status.code)) {
    return new TemporalUnavailableError('Temporal is away or too slow to answer.', { cause: error })
  }
  if (status?.code === PERMISSION_DENIED || status?.code === UNAUTHENTICATED) {
    const message =
      'Temporal refuses the credentials of the API; check TEMPORAL_API_KEY or its TLS.'
    return new TemporalUnavailableError(message, { cause: error })
  }
  if (error instanceof Error && error.name === 'NamespaceNotFoundError') {
    const message = 'Temporal has no such namespace (yet); check TEMPORAL_NAMESPACE.'
    return new TemporalUnavailableError(message, { cause: error })
  }
  return error
}

/** Whether a start was refused because the namespace does not know a search attribute. */
export function isMissingAttribute(error: unknown): boolean {
  const status = grpcStatusOf(error)
  return (
    status?.code === INVALID_ARGUMENT &&
    /no mapping defined for search attribute|search attribute .* is not defined/i.test(status.text)
  )
}

/** Whether a run is closed or unknown. */
export function isNotFound(error: unknown): boolean {
  return grpcStatusOf(error)?.code === NOT_FOUND
}

/** Whether an error is an answer of the server, not its absence. */
export function isRefusal(error: unknown): boolean {
  const status = grpcStatusOf(error)
  return status !== undefined && !AWAY.has(status.code)
}

function grpcStatusOf(error: unknown): { code: number; text: string } | undefined {
  for (let at = error; at instanceof Error; at = at.cause) {
    if (isGrpcServiceError(at)) return { code: at.code, text: at.details ?? at.message }
  }
  return undefined
}
