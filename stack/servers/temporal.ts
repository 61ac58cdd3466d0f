import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { freePort } from './ports.ts'
import { whenReady, workFolder } from './server.ts'
import { childEnv } from '../processes/child-env.ts'
import { startProcess, type RunningProcess } from '../processes/server-process.ts'
import { StackError } from '../stack-error.ts'

export interface TemporalOptions {
  /** The `temporal` command, see `acquireTemporal`. */
  readonly binary: string
  /** Where runs are kept; without it they live in memory and end with the server. */
  readonly dataDir?: string
  /** gRPC port; chosen by the system when absent. */
  readonly port?: number
  /** Port of the Web UI; without it there is no Web UI. */
  readonly uiPort?: number
  /** Made when the server starts; `default` when absent. */
  readonly namespace?: string
  /** Days that closed runs stay readable; the server's own default is one day. */
  readonly retentionDays?: number
  /** For example `{ 'limit.historyCount.suggestContinueAsNew': 60 }`. */
  readonly dynamicConfig?: Readonly<Record<string, unknown>>
  /** Name and type (`Keyword`, `Int`, …) of search attributes to register at start. */
  readonly searchAttributes?: Readonly<Record<string, string>>
}

export interface TemporalServer extends RunningProcess {
  /** `host:port` for `TEMPORAL_ADDRESS`. */
  readonly address: string
  readonly namespace: string
  readonly uiUrl?: string
}

/**
 * Starts a Temporal development server on 127.0.0.1 and waits until its namespace answers.
 * @throws StackError when it does not come up
 */
export async function startTemporal(options: TemporalOptions): Promise<TemporalServer> {
  const folder = workFolder(options.dataDir, 'temporal')
  const port = options.port ?? (await freePort())
  const address = `127.0.0.1:${port}`
  const namespace = options.namespace ?? 'default'
  const running = startProcess({
    name: 'Temporal',
    command: options.binary,
    args: serverArgs(options, port, namespace),
    logFile: join(folder.path, 'temporal.log'),
  })
  const operator = createOperator(options.binary, address)
  const server = await whenReady(running, folder, async () => {
    await operator('namespace', 'describe', '--namespace', namespace)
    return true
  })
  if (options.retentionDays !== undefined) {
    await keepFor(operator, namespace, options.retentionDays)
  }
  const ui = options.uiPort === undefined ? {} : { uiUrl: `http://127.0.0.1:${options.uiPort}` }
  return { ...server, address, namespace, ...ui }
}

function serverArgs(options: TemporalOptions, port: number, namespace: string): string[] {
  const args = ['server', 'start-dev', '--ip', '127.0.0.1', '--port', `${port}`]
  args.push('--namespace', namespace, '--log-format', 'json', ...WITHOUT_USER_CONFIG)
  if (options.uiPort === undefined) args.push('--headless')
  else args.push('--ui-port', `${options.uiPort}`)
  if (options.dataDir !== undefined) {
    args.push('--db-filename', join(options.dataDir, 'temporal.sqlite'))
  }
  for (const [key, value] of Object.entries({
    ...NO_HTTP_API,
    ...PRIORITIES,
    ...options.dynamicConfig,
  })) {
    args.push('--dynamic-config-value', `${key}=${JSON.stringify(value)}`)
  }
  for (const [name, type] of Object.entries(options.searchAttributes ?? {})) {
    args.push('--search-attribute', `${name}=${type}`)
  }
  return args
}

/**
 * The server has its API on one more port, by HTTP, where a page of any site could terminate workflows: so
 * no host is the right one. https://docs.temporal.io/cli/server#start-dev (`--http-port`)
 */
const NO_HTTP_API = { 'frontend.httpAllowedHosts': ['none.invalid'] }

/**
 * Priorities of backfills are kept to by the new matcher alone, and only within a partition of a queue: with
 * the usual four, each with its own order, 2 and 3 come mixed (test/workflows/running-options.test.ts).
 * https://docs.temporal.io/develop/task-queue-priority-fairness
 */
export const PRIORITIES = {
  'matching.useNewMatcher': true,
  'matching.numTaskqueueReadPartitions': 1,
  'matching.numTaskqueueWritePartitions': 1,
}

type Operator = (...args: readonly string[]) => Promise<unknown>

// What the user configured for another cluster (TLS, API key) must not reach the local one.
const WITHOUT_USER_CONFIG = ['--disable-config-file', '--disable-config-env']

function createOperator(binary: string, address: string): Operator {
  const run = promisify(execFile)
  return (...args) =>
    run(binary, ['operator', ...args, '--address', address, ...WITHOUT_USER_CONFIG], {
      timeout: 10_000,
      env: childEnv(),
    })
}

async function keepFor(operator: Operator, namespace: string, days: number): Promise<void> {
  try {
    await operator('namespace', 'update', '--namespace', namespace, '--retention', `${days}d`)
  } catch (cause) {
    throw new StackError(`Temporal does not accept a retention of ${days} days`, 4, { cause })
  }
}
