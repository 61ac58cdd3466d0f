import { createControlActivities, createLoadActivities } from '@backtide/activities/activities'
import { collect, type LiveHost } from '@backtide/activities/live/collect'
import type { ActivityDependencies } from '@backtide/activities/activities'
import type { LiveActivities } from '@backtide/activities/contract'
import { CONTROL_QUEUE, LIVE_QUEUE, LOAD_QUEUE, type Role } from '@backtide/core/ids'
import { DATA_CONVERTER } from '@backtide/core/readable-instants'
import { Worker, type NativeConnection, type WorkflowBundleOption } from '@temporalio/worker'
import { nameSubjects } from './log.ts'

export interface WorkersOptions {
  readonly connection: NativeConnection
  readonly namespace: string
  readonly dependencies: ActivityDependencies
  readonly roles: readonly Role[]
  /** Loads at once. */
  readonly loads: number
  /** What collects here; without it the role `live` is none. */
  readonly live?: LiveHost | undefined
  /** The bundled workflow code. */
  readonly workflowBundle: WorkflowBundleOption
  /** How long loads may go on at shutdown before they are cut short, in milliseconds. */
  readonly graceMs: number
}

/** Feeds that a process may hold, with room for those it has not let go of yet. */
const MOST_FEEDS = 200

/** What does not end this long after it was cut short is left to the next worker, in milliseconds. */
const FORCE_MS = 10_000

/** Heartbeats of an activity reach Temporal this often at most, in milliseconds. */
const HEARTBEAT_MS = 5_000

/** The workers of one process, one a role. */
export interface Workers {
  /** Runs until `shutdown`; rejects when one of them fails, or does not end in time. */
  run(): Promise<void>
  shutdown(): void
}

/** Creates a worker for each role: loads never starve workflows and short activities. */
export async function createWorkers(options: WorkersOptions): Promise<Workers> {
  const { connection, namespace, dependencies, workflowBundle, graceMs } = options
  const shared = {
    connection,
    namespace,
    dataConverter: DATA_CONVERTER,
    interceptors: { activity: [nameSubjects] },
    shutdownGraceTime: graceMs,
    shutdownForceTime: graceMs + FORCE_MS,
    // A heartbeat is how a load hears that it is cancelled: the SDK's own 24 s of 30 are too long.
    maxHeartbeatThrottleInterval: HEARTBEAT_MS,
    defaultHeartbeatThrottleInterval: HEARTBEAT_MS,
  }
  const create = {
    control: () =>
      Worker.create({
        ...shared,
        taskQueue: CONTROL_QUEUE,
        workflowBundle,
        activities: createControlActivities(dependencies),
        maxConcurrentActivityTaskExecutions: 40,
      }),
    load: () =>
      Worker.create({
        ...shared,
        taskQueue: LOAD_QUEUE,
        activities: createLoadActivities(dependencies),
        maxConcurrentActivityTaskExecutions: options.loads,
      }),
    live: (host: LiveHost) => {
      const activities: LiveActivities = { collect: (task) => collect(host, task) }
      return Worker.create({
        ...shared,
        taskQueue: LIVE_QUEUE,
        activities: { ...activities },
        maxConcurrentActivityTaskExecutions: MOST_FEEDS,
      })
    },
  }
  const all = await Promise.all(
    options.roles.flatMap((role) => {
      if (role !== 'live') return create[role]()
      return options.live ? create.live(options.live) : []
    }),
  )
  const shutdown = () => {
    for (const worker of all) if (worker.getState() === 'RUNNING') worker.shutdown()
  }
  return {
    shutdown,
    run: async () => {
      try {
        await Promise.all(all.map((worker) => worker.run()))
      } catch (error) {
        shutdown()
        throw error
      }
    },
  }
}
