import { createServer } from 'node:http'
import { ConfigError } from '@backtide/config/config-error'
import { LOG_OPTIONS, readableLine } from '@backtide/core/log-line'
import { DATA_CONVERTER } from '@backtide/core/readable-instants'
import { registry } from '@backtide/datasets/registry'
import { createStore } from '@backtide/store/store'
import { getRequestListener } from '@hono/node-server'
import { Client, Connection } from '@temporalio/client'
import { destination, pino, type Logger } from 'pino'
import { createApp, MAX_HEADERS } from './app.ts'
import { readConfig, type Config } from './config.ts'
import { createMetrics } from './http/metrics.ts'
import { createTemporalRuns } from './temporal/client.ts'
import { createFollowSchedules } from './temporal/schedules.ts'
import { createFeedRuns } from './temporal/feeds.ts'

/** Longest requests in flight are waited for at shutdown, in milliseconds. */
const GRACE = 10_000

/** Longest a silent QuestDB is waited for before a request is answered with that, in milliseconds. */
const ANSWER_WITHIN = 4_000

/** Starts the API; Temporal and QuestDB may be away, and come later. */
function main(config: Config): void {
  const log = createLog(config.logLevel)
  const connection = Connection.lazy({
    ...config.temporal.connection,
    channelArgs: {
      'grpc.initial_reconnect_backoff_ms': 200,
      'grpc.max_reconnect_backoff_ms': 2_000,
    },
  })
  const { namespace } = config.temporal
  const client = new Client({ connection, namespace, dataConverter: DATA_CONVERTER })
  const runs = createTemporalRuns(client)
  // Registers what lists are filtered by; while Temporal is away, the first start does it.
  runs.indexed().catch(() => {})
  const stopping = new AbortController()
  const app = createApp({
    runs,
    follows: createFollowSchedules(client),
    feeds: createFeedRuns(client),
    store: createStore({ conf: config.questdb, answerWithinMs: ANSWER_WITHIN }),
    registry,
    settings: config.settings,
    now: Date.now,
    log,
    metrics: createMetrics({ process: true }),
    stopping: stopping.signal,
  })
  const listener = getRequestListener(app.fetch)
  const server = createServer({ maxHeaderSize: MAX_HEADERS }, (request, response) => {
    void listener(request, response)
  })
  server.on('error', (error: NodeJS.ErrnoException) => {
    log.fatal({ code: error.code }, listenHint(error, config))
    process.exit(4)
  })
  server.listen(config.port, config.host, () => {
    log.info({ address: server.address() }, 'listening')
    process.send?.('ready')
  })
  const stop = (signal: string): void => {
    log.info({ signal }, 'stopping')
    stopping.abort()
    setTimeout(() => process.exit(0), GRACE).unref()
    server.close(() => {
      void connection.close().finally(() => process.exit(0))
    })
    server.closeIdleConnections()
  }
  process.once('SIGTERM', stop)
  process.once('SIGINT', stop)
}

/** Lines of JSON on stderr, readable text on a terminal. */
function createLog(level: string): Logger {
  const to = process.stderr.isTTY
    ? { write: (line: string) => void process.stderr.write(readableLine(line)) }
    : destination({ fd: 2, sync: true })
  return pino({ ...LOG_OPTIONS, name: 'api', level }, to)
}

function listenHint(error: NodeJS.ErrnoException, { host, port }: Config): string {
  return error.code === 'EADDRINUSE'
    ? `Port ${port} of ${host} is taken; stop what holds it, or set BACKTIDE_PORT.`
    : `Cannot listen on ${host}:${port}: ${error.message}`
}

try {
  main(readConfig(process.env, process.argv.slice(2), process.cwd()))
} catch (error) {
  if (!(error instanceof ConfigError)) throw error
  process.stderr.write(`backtide api: ${error.message}\n`)
  process.exit(2)
}
