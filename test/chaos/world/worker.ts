import { startService } from '@backtide/stack/processes/service'
import type { RunningProcess } from '@backtide/stack/processes/server-process'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { placeEnv } from '../../helpers/worker-process.ts'
import type { Place } from '../../helpers/backtide.ts'

/** A worker process that can be killed, started again, frozen and let go. */
export interface Worker {
  readonly name: string
  /** Starts it if it does not run, and again until it stays: it needs Temporal to come up. */
  start(): Promise<void>
  /** SIGKILL. */
  kill(): Promise<void>
  /** SIGTERM, then SIGKILL after the grace. */
  stop(): Promise<void>
  /** SIGSTOP. */
  freeze(): void
  /** SIGCONT. */
  letGo(): void
  /** It runs, frozen or not. */
  readonly isUp: boolean
}

const ROOT = fileURLToPath(new URL('../../..', import.meta.url))

/** More starts than that have another reason than the weather. */
const MAX_STARTS = 10

/** A worker over some servers; nothing runs before `start`. Its group ends with this process. */
export function createWorker(name: string, place: Place, folder: string): Worker {
  const env = workerEnv(place, folder)
  const file = `${name.replaceAll(' ', '-')}.log`
  let running: RunningProcess | undefined
  let starting: Promise<void> | undefined
  const startOnce = async () => {
    const logFile = join(folder, file)
    running = await startService({ name, root: ROOT, entry: 'worker/main.ts', env, logFile })
    const started = running
    void started.exited.then(() => {
      if (running === started) running = undefined
    })
  }
  const send = (signal: NodeJS.Signals) => {
    if (running?.process.pid !== undefined) process.kill(running.process.pid, signal)
  }
  return {
    name,
    start: async () => {
      if (running) return
      starting ??= insist(startOnce).finally(() => (starting = undefined))
      await starting
    },
    kill: async () => {
      await starting
      await running?.kill()
    },
    stop: async () => {
      await starting
      await running?.stop()
    },
    freeze: () => send('SIGSTOP'),
    letGo: () => send('SIGCONT'),
    get isUp() {
      return running !== undefined
    },
  }
}

/** @throws what the last start threw */
async function insist(start: () => Promise<void>): Promise<void> {
  for (let starts = 1; ; starts++) {
    try {
      return await start()
    } catch (error) {
      if (starts === MAX_STARTS) throw error
    }
  }
}

/** Nothing of the user's, and as little memory as a worker takes, so that loads are cut small. */
function workerEnv(place: Place, folder: string): NodeJS.ProcessEnv {
  return {
    PATH: process.env.PATH,
    HOME: process.env.HOME,
    // A file that is not there counts as an empty profile.
    TEMPORAL_CONFIG_FILE: join(folder, 'no-profile.toml'),
    AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true',
    ...placeEnv(place),
    BACKTIDE_MEMORY_MB: '128',
    BACKTIDE_THREADS: '1',
  }
}
