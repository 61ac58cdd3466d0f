import type { TransferLimits } from '@backtide/activities/load/context'
import type { ObjectStore } from '@backtide/activities/objects/object-store'
import { createApp } from '@backtide/api/app'
import type { SpendingRules } from '@backtide/api/deps'
import { createMetrics } from '@backtide/api/http/metrics'
import { createTemporalRuns } from '@backtide/api/temporal/client'
import { createFollowSchedules } from '@backtide/api/temporal/schedules'
import { createFeedRuns } from '@backtide/api/temporal/feeds'
import { DATA_CONVERTER } from '@backtide/core/readable-instants'
import { DEFAULT_TIMING, type Timing } from '@backtide/core/timing'
import { registry } from '@backtide/datasets/registry'
import { readQuestDbConf } from '@backtide/store/conf'
import { createStore, type Store } from '@backtide/store/store'
import { madeBundles } from '@backtide/worker/bundles'
import { createDependencies } from '@backtide/worker/create-dependencies'
import { mirrorsOf } from '@backtide/config/mirrors'
import type { Role } from '@backtide/core/ids'
import { createWorkers } from '@backtide/worker/create-workers'
import type { Config } from '@backtide/worker/config'
import type { Scratch } from '@backtide/worker/sharing'
import { Client, Connection } from '@temporalio/client'
import { DefaultLogger, NativeConnection, Runtime } from '@temporalio/worker'
import { pino } from 'pino'
import type { TestServers } from './servers.ts'
import { waitUntil } from './wait-until.ts'

/** Intervals that make failures quick to watch; the policies stay what they are. */
export const QUICK: Timing = {
  ...DEFAULT_TIMING,
  heartbeatTimeout: 3_000,
  retryInitialInterval: 100,
  retryMaximumInterval: 500,
  deferInitial: 200,
  deferMaximum: 1_000,
  dayRestarts: [100],
}

/** Keys that venues ask for, as the configuration has them. */
export const SOURCE_KEYS = new Map([['BACKTIDE_COINMARKETCAP_KEY', 'key-of-the-tests']])

/** Servers Backtide works with, and the namespace it works in. */
export type Place = Pick<TestServers, 'temporal' | 'questdb' | 's3' | 'bundles'> & {
  readonly namespace: string
}

/** An API in this process, with everything a test needs to ask and to look. */
export interface Backtide {
  readonly app: ReturnType<typeof createApp>
  readonly client: Client
  readonly store: Store
  /** Sends a request; a body is sent as JSON. */
  call(
    method: string,
    path: string,
    body?: unknown,
    headers?: Record<string, string>,
  ): Promise<Response>
  /** Starts a backfill and returns its id. */
  start(body: object): Promise<string>
  /** Status of a backfill. */
  status(id: string): Promise<Status>
  /** Waits until a backfill has ended. */
  ended(id: string): Promise<Status>
  [Symbol.asyncDispose](): Promise<void>
}

/** What tests read of `GET /backfills/{id}`. */
export interface Status {
  readonly id: string
  readonly state: string
  readonly reason?: string
  readonly total: number
  readonly remaining: number
  readonly counts: Readonly<Record<string, number>>
  readonly rows: number
  readonly workers: number | null
  readonly warnings: readonly string[]
  readonly retryOf?: string
}

/** Opens an API over the given servers. */
export async function openBacktide(
  place: Place,
  tempo: Timing = QUICK,
  spending?: SpendingRules,
): Promise<Backtide> {
  const { namespace } = place
  const connection = await Connection.connect({ address: place.temporal })
  const client = new Client({ connection, namespace, dataConverter: DATA_CONVERTER })
  const store = createStore({ conf: place.questdb, answerWithinMs: 4_000 })
  const app = createApp({
    runs: createTemporalRuns(client),
    follows: createFollowSchedules(client),
    feeds: createFeedRuns(client),
    store,
    registry,
    settings: {
      namespace,
      temporalUi: 'http://127.0.0.1:1',
      questdb: readQuestDbConf(place.questdb).url,
      tempo,
      sourceKeys: [...SOURCE_KEYS.keys()],
      ...(spending && { spending }),
    },
    now: Date.now,
    log: pino({ level: 'silent' }),
    metrics: createMetrics({ process: false }),
  })
  const call: Backtide['call'] = async (method, path, body, headers) =>
    await app.request(`http://127.0.0.1${path}`, {
      method,
      headers: {
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })
  const status: Backtide['status'] = async (id) =>
    (await expectOk(await call('GET', `/backfills/${encodeURIComponent(id)}`))) as Status
  return {
    app,
    client,
    store,
    call,
    status,
    start: async (body) => ((await expectOk(await call('POST', '/backfills', body))) as Status).id,
    ended: (id) =>
      waitUntil(`backfill ${id} to end`, async () => {
        const now = await status(id)
        return now.state !== 'running' && now.state !== 'paused' && now
      }),
    [Symbol.asyncDispose]: () => connection.close(),
  }
}

/** A worker in this process. `objects` may stand between it and the archive. */
export async function startWorker(
  place: Place,
  options: {
    readonly objects?: (store: ObjectStore) => ObjectStore
    readonly loads?: number
    readonly roles?: readonly Role[]
    readonly limits?: Partial<TransferLimits>
    /** Where it keeps objects that two datasets want together. */
    readonly scratch?: Scratch
    /** As `BACKTIDE_SOURCES` has them, by name. */
    readonly sources?: Readonly<Record<string, object>>
    /** What time its activities take it to be, UTC milliseconds. */
    readonly now?: () => number
    /** What sources cost, and may cost in a month. */
    readonly spending?: Pick<Config, 'prices' | 'monthlyUsd'>
  } = {},
): Promise<AsyncDisposable> {
  const { objects = (store) => store, loads = 4, roles = ['control', 'load'] } = options
  installRuntime()
  setCredentials(place)
  const connection = await NativeConnection.connect({ address: place.temporal })
  const control = await Connection.connect({ address: place.temporal })
  const client = new Client({
    connection: control,
    namespace: place.namespace,
    dataConverter: DATA_CONVERTER,
  })
  const config = {
    mirrors: MIRRORS.parse(options.sources ?? {}),
    sourceKeys: SOURCE_KEYS,
    questdb: place.questdb,
    s3Endpoint: place.s3.endpoint,
    memoryBytes: 256 * 1024 * 1024,
    loads,
    threads: 1,
    ...options.spending,
  }
  const bundles = madeBundles(place.bundles)
  const dependencies = createDependencies(config, client, {
    decoder: bundles.decoder,
    ...(options.scratch && { scratch: options.scratch }),
  })
  const workers = await createWorkers({
    connection,
    namespace: place.namespace,
    dependencies: {
      ...dependencies,
      ...(options.now && { now: options.now }),
      limits: { ...dependencies.limits, ...options.limits },
      objectsOf: (source) => objects(dependencies.objectsOf(source)),
    },
    roles,
    loads,
    workflowBundle: { codePath: bundles.workflows },
    graceMs: 1_000,
  })
  const running = workers.run()
  return {
    [Symbol.asyncDispose]: async () => {
      workers.shutdown()
      await running
      await dependencies.pool.close()
      await Promise.all([connection.close(), control.close()])
    },
  }
}

const MIRRORS = mirrorsOf(registry.all.map(({ source }) => source))

async function expectOk(response: Response): Promise<unknown> {
  if (response.ok) return await response.json()
  throw new Error(`${response.status}: ${await response.text()}`)
}

let installed = false

/** Failures are what tests provoke; the SDK's account of them would drown their results. */
function installRuntime(): void {
  if (installed) return
  installed = true
  Runtime.install({
    logger: new DefaultLogger('ERROR', () => {}),
    shutdownSignals: [],
    telemetryOptions: { logging: { forward: {}, filter: { core: 'ERROR', other: 'ERROR' } } },
  })
}

/** The SDK finds credentials in the environment, as in a worker process. */
function setCredentials({ s3 }: Place): void {
  process.env.AWS_ACCESS_KEY_ID = s3.accessKeyId
  process.env.AWS_SECRET_ACCESS_KEY = s3.secretAccessKey
  process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED = 'true'
}
