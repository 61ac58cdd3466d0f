import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import type { Place } from './backtide.ts'

/** A worker in a process of its own, which can be killed. */
export interface WorkerProcess extends AsyncDisposable {
  readonly pid: number
  /** Lines of its log so far. */
  log(): readonly unknown[]
  /** SIGKILL, and waits until it is gone. */
  kill(): Promise<void>
  /** SIGTERM, and waits; gives the exit code. */
  stop(): Promise<number | null>
}

const ROOT = fileURLToPath(new URL('../..', import.meta.url))

/** Starts a worker process and waits until it polls. */
export async function startWorkerProcess(
  place: Place,
  env: Readonly<Record<string, string>> = {},
): Promise<WorkerProcess> {
  const child = spawn(process.execPath, ['--import', 'tsx', 'worker/main.ts'], {
    cwd: ROOT,
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    env: { ...process.env, ...placeEnv(place), ...env },
  })
  const errors: Buffer[] = []
  child.stderr?.on('data', (bytes: Buffer) => errors.push(bytes))
  await Promise.race([once(child, 'message'), failed(child, errors)])
  const end = async (signal: NodeJS.Signals) => {
    if (child.exitCode === null && child.signalCode === null) {
      child.kill(signal)
      await once(child, 'exit')
    }
    return child.exitCode
  }
  return {
    pid: child.pid ?? 0,
    log: () => linesOf(Buffer.concat(errors).toString()),
    kill: async () => void (await end('SIGKILL')),
    stop: () => end('SIGTERM'),
    [Symbol.asyncDispose]: async () => void (await end('SIGKILL')),
  }
}

/** Environment by which a process of ours finds the servers of a test. */
export function placeEnv(place: Place): Record<string, string> {
  return {
    TEMPORAL_ADDRESS: place.temporal,
    TEMPORAL_NAMESPACE: place.namespace,
    QDB_CLIENT_CONF: place.questdb,
    AWS_ENDPOINT_URL_S3: place.s3.endpoint,
    AWS_REGION: place.s3.region,
    AWS_ACCESS_KEY_ID: place.s3.accessKeyId,
    AWS_SECRET_ACCESS_KEY: place.s3.secretAccessKey,
    BACKTIDE_BUNDLES: place.bundles,
    BACKTIDE_LOG_LEVEL: 'warn',
  }
}

/** What is no line of JSON is not of the log. */
function linesOf(text: string): readonly unknown[] {
  return text
    .split('\n')
    .filter((line) => line.startsWith('{') && line.endsWith('}'))
    .map((line) => JSON.parse(line) as unknown)
}

async function failed(child: ChildProcess, errors: readonly Buffer[]): Promise<never> {
  await once(child, 'exit')
  throw new Error(`The worker ended before it was ready: ${Buffer.concat(errors).toString()}`)
}
