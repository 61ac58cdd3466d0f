import { collectWorkflowId, LIVE_QUEUE } from '@backtide/core/ids'
import type { CollectProgress } from '@backtide/core/live'
import { WorkflowNotFoundError, type Client } from '@temporalio/client'
import { defaultPayloadConverter } from '@temporalio/common'

/** Whose an assignment is, as Temporal knows it. */
export type Claim =
  /** Nobody else's: nobody has it, or this host, or it is not known now. */
  | { readonly kind: 'free' }
  /** Cancelled, paused or unknown: nobody is to collect it. */
  | { readonly kind: 'ended' }
  /** Another host collects it. */
  | { readonly kind: 'taken'; readonly by: CollectProgress }

/** Asks Temporal about assignments. Never rejects, and answers within seconds. */
export interface Claims {
  of(id: string): Promise<Claim>
  /** Whether another process takes feeds. */
  hasOthers(): Promise<boolean>
}

const ANSWER_MS = 2_000

/** A process polls at least once a minute. */
const POLLER_AGE_S = 75

/** temporal.api.enums.v1.TaskQueueType */
const ACTIVITIES = 2

/** temporal.api.enums.v1.PendingActivityState: a worker has it. */
const STARTED = 2

export function createClaims(client: Client, server: string, identity: string): Claims {
  const within = <T>(ask: () => Promise<T>) => client.withDeadline(Date.now() + ANSWER_MS, ask)

  async function read(id: string): Promise<Claim> {
    const { memo, raw, status } = await within(() =>
      client.workflow.getHandle(collectWorkflowId(id)).describe(),
    )
    if (status.name !== 'RUNNING' || memo?.['paused']) return { kind: 'ended' }
    const [pending] = raw.pendingActivities ?? []
    const payload = pending?.heartbeatDetails?.payloads?.[0]
    if (Number(pending?.state) !== STARTED || !payload) return { kind: 'free' }
    const by = defaultPayloadConverter.fromPayload<CollectProgress>(payload)
    return by.server === server ? { kind: 'free' } : { kind: 'taken', by }
  }

  return {
    of: (id) =>
      read(id).catch((error: unknown) => ({
        kind: error instanceof WorkflowNotFoundError ? 'ended' : 'free',
      })),
    async hasOthers() {
      const { namespace } = client.options
      const queue = { namespace, taskQueue: { name: LIVE_QUEUE }, taskQueueType: ACTIVITIES }
      const { pollers } = await within(() =>
        // oxlint-disable-next-line typescript/no-unsafe-enum-assignment -- its enum is not exported
        client.workflowService.describeTaskQueue(queue),
      ).catch(() => ({ pollers: [] }))
      return (pollers ?? []).some(
        (poller) =>
          poller.identity !== identity &&
          Date.now() / 1000 - Number(poller.lastAccessTime?.seconds ?? 0) < POLLER_AGE_S,
      )
    },
  }
}
