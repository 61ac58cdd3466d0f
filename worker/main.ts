import { ConfigError } from '@backtide/config/config-error'
import { DATA_CONVERTER } from '@backtide/core/readable-instants'
import { Client, Connection } from '@temporalio/client'
import { GracefulShutdownPeriodExpiredError, NativeConnection, Runtime } from '@temporalio/worker'
import type { Logger } from 'pino'
import { buildBundles, madeBundles } from './bundles.ts'
import { readConfig, type Config } from './config.ts'
import { collectLessOften, createDependencies } from './create-dependencies.ts'
import { createWorkers, type Workers } from './create-workers.ts'
import { reservePort } from './core-metrics.ts'
import type { Live } from './live/open-live.ts'
import { startLive } from './live/start-live.ts'
import { createLog, logDestination, sdkLogger } from './log.ts'
import { openScratch } from './sharing.ts'
import { openStatus } from './status.ts'

/** Runs a worker until SIGINT or SIGTERM. Temporal may be away at start; it is waited for. */
async function main(config: Config): Promise<void> {
  collectLessOften()
  const log = createLog(config.logLevel, logDestination(process.stderr))
  const corePort = config.metrics && (await reservePort())
  installRuntime(corePort, log)
  const { connection: options, namespace } = config.temporal
  const client = new Client({
    connection: Connection.lazy(lazyOptions(options)),
    namespace,
    dataConverter: DATA_CONVERTER,
  })
  // What is collected goes on before anything else is there.
  const live = config.roles.includes('live') ? await startLive(config, client, log) : undefined
  const stopping = stopOnSignals(config, live, log)
  const connection = await connect(options, log)
  const bundles = config.bundles ? madeBundles(config.bundles) : await buildBundles()
  const scratch = config.scratchBytes > 0 ? openScratch(config.scratchBytes) : undefined
  process.once('exit', () => scratch?.remove())
  const dependencies = createDependencies(config, client, {
    decoder: bundles.decoder,
    ...(scratch && { scratch }),
    warn: (message) => log.warn(message),
  })
  const { loads, roles, graceMs } = config
  const workflowBundle = { codePath: bundles.workflows }
  const workers = await createWorkers({
    connection,
    namespace,
    dependencies,
    roles,
    loads,
    live,
    workflowBundle,
    graceMs,
  })
  const status = await openStatus(config, client, dependencies, corePort, live)
  const running = workers.run()
  stopping.workers(workers)
  log.info({ namespace, roles }, 'ready')
  process.send?.('ready')
  await running
  await stopping.left()
  await status.close()
  await dependencies.pool.close()
  await connection.close()
  await bundles.remove()
}

/**
 * Ends the process in order on SIGINT or SIGTERM; at once, but for what it collects, as long as there
 * are no workers.
 */
function stopOnSignals({ graceMs }: Config, live: Live | undefined, log: Logger) {
  let workers: Workers | undefined
  let left: Promise<void> | undefined
  const leave = async () => {
    workers?.shutdown()
    await live?.leave(graceMs)
    if (!workers) process.exit(0)
  }
  const stop = (signal: string) => {
    log.info({ signal, graceMs }, 'stopping; loads in flight may end')
    left ??= leave().catch((error: unknown) => log.error({ error }, 'feeds did not end in order'))
  }
  process.once('SIGINT', stop)
  process.once('SIGTERM', stop)
  return {
    workers: (running: Workers) => {
      workers = running
    },
    /** When collecting has ended, if somebody asked for it. */
    left: async () => await left,
  }
}

/** https://typescript.temporal.io/api/classes/worker.Runtime: before anything else of the SDK. */
function installRuntime(corePort: number | undefined, log: Logger): void {
  Runtime.install({
    logger: sdkLogger(log),
    // Signals are ours: the decoder threads and the connection are closed after the workers.
    shutdownSignals: [],
    telemetryOptions: {
      logging: { forward: {}, filter: { core: 'WARN', other: 'ERROR' } },
      ...(corePort === undefined ? {} : { metrics: prometheus(corePort) }),
    },
  })
}

function prometheus(port: number) {
  return {
    prometheus: {
      bindAddress: `127.0.0.1:${port}`,
      useSecondsForDurations: true,
      unitSuffix: true,
    },
  }
}

async function connect(
  options: Config['temporal']['connection'],
  log: Logger,
): Promise<NativeConnection> {
  for (;;) {
    try {
      return await NativeConnection.connect(options)
    } catch (error) {
      log.warn({ address: options.address, reason: String(error) }, 'Temporal does not answer yet')
      await new Promise((resolve) => setTimeout(resolve, 1_000))
    }
  }
}

/** The options that both kinds of connection share. */
function lazyOptions({ address, tls, apiKey }: Config['temporal']['connection']) {
  return {
    ...(address === undefined ? {} : { address }),
    ...(tls === undefined || tls === null ? {} : { tls }),
    ...(typeof apiKey === 'string' ? { apiKey } : {}),
  }
}

/** In a function: as a bundle this file is CommonJS, which awaits nothing outside of one. */
async function run(): Promise<void> {
  try {
    await main(readConfig(process.env, process.argv.slice(2), process.cwd()))
    process.exit(0)
  } catch (error) {
    const wrong = error instanceof ConfigError
    if (!wrong && !(error instanceof GracefulShutdownPeriodExpiredError)) throw error
    process.stderr.write(`backtide worker: ${error.message}\n`)
    process.exit(wrong ? 2 : 1)
  }
}

void run()
