import { Agent as HttpAgent, type AgentOptions, type ClientRequest } from 'node:http'
import { Agent as HttpsAgent } from 'node:https'
import { sendSliced } from './sliced-request.ts'

/** Keeps requests that are on their way together from being committed out of order. */
export interface CommitOrder {
  /** Connections for the transport whose requests are ordered. */
  readonly agent: HttpAgent | HttpsAgent
  /**
   * Has `send` make a request, which ends only when `after` has resolved, and fails when that does.
   * QuestDB reads rows as they come and commits them when their request ends: so it can read the
   * rows of one body while it still commits those of the one before.
   */
  following<T>(after: Promise<void> | undefined, send: () => T): T
}

/** Order over one agent. The transport makes its request within the call of `send`. */
export function createCommitOrder(protocol: 'http' | 'https'): CommitOrder {
  let awaited: Promise<void> | undefined
  const onRequest = (request: ClientRequest) => sendSliced(request, awaited)
  return {
    agent: withRequests(
      protocol === 'https' ? new HttpsAgent(KEPT) : new HttpAgent(KEPT),
      onRequest,
    ),
    following: (after, send) => {
      awaited = after
      try {
        return send()
      } finally {
        awaited = undefined
      }
    },
  }
}

/**
 * Node hands every request to its agent by `addRequest`, before anything of it is sent. The agents
 * of https://github.com/TooTallNate/proxy-agents build on it too, though no type names it.
 */
function withRequests<A extends HttpAgent>(
  agent: A,
  onRequest: (request: ClientRequest) => void,
): A {
  const open = agent as A & { addRequest(request: ClientRequest, ...rest: unknown[]): void }
  const addRequest = open.addRequest.bind(open)
  open.addRequest = (request, ...rest) => {
    onRequest(request)
    addRequest(request, ...rest)
  }
  return agent
}

/** As the transport's own agent. */
const KEPT: AgentOptions = { maxSockets: 256, keepAlive: true, timeout: 60_000 }
