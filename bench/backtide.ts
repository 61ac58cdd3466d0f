import { DATA_CONVERTER } from '@backtide/core/readable-instants'
import type { BackfillResult } from '@backtide/core/backfill'
import { freePort } from '@backtide/stack/servers/ports'
import type { RunningProcess } from '@backtide/stack/processes/server-process'
import { startService } from '@backtide/stack/processes/service'
import { buildBundles } from '@backtide/worker/bundles'
import { Client, Connection } from '@temporalio/client'
import { once } from 'node:events'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Place } from './place.ts'
import { peakMemoryMb } from './process-facts.ts'

/** A worker and an API in processes of their own, as `npm start` has them. */
export interface Backtide extends AsyncDisposable {
  /**
   * Seconds from a request until its backfill is done and on record.
   * @throws Error when it does not end `complete` with exactly so many rows
   */
  backfill(request: object, rows: number): Promise<number>
  /** Its processes. */
  readonly processes: Readonly<Record<'the worker' | 'the API', number | undefined>>
  /** Of the worker process since it started, MB of 1,048,576 bytes. */
  peakMemoryMb(): number
  /** Delay of the worker's main thread since it was last asked. */
  loopDelay(): Promise<LoopDelay>
}

export interface LoopDelay {
  readonly p99Ms: number
  readonly maxMs: number
}

/** Starts both, and waits until they are ready. */
export async function startBacktide(place: Place): Promise<Backtide> {
  const port = await freePort()
  const bundles = await buildBundles({ withWorker: true })
  const [worker, api] = await Promise.all([
    service(place, 'worker', bundles.worker, {
      BACKTIDE_BUNDLES: bundles.folder,
      NODE_OPTIONS: `--import ${PROBE}`,
    }),
    service(place, 'api', 'api/main.ts', { BACKTIDE_PORT: `${port}` }),
  ])
  const connection = await Connection.connect({ address: place.temporal.address })
  const client = new Client({
    connection,
    namespace: place.temporal.namespace,
    dataConverter: DATA_CONVERTER,
  })
  return {
    backfill: async (request, rows) => {
      const start = performance.now()
      const id = await submit(`http://127.0.0.1:${port}`, request)
      const result = (await client.workflow.getHandle(id).result()) as BackfillResult
      const seconds = (performance.now() - start) / 1000
      if (result.outcome === 'complete' && result.rows === rows) return seconds
      throw new Error(`Backfill ${id} came to ${JSON.stringify(result)}, not to ${rows} rows`)
    },
    processes: { 'the worker': worker.process.pid, 'the API': api.process.pid },
    peakMemoryMb: () => peakMemoryMb(worker.process.pid ?? 0),
    loopDelay: () => askLoopDelay(worker),
    [Symbol.asyncDispose]: async () => {
      await Promise.all([worker.stop(), api.stop(), connection.close()])
      await bundles.remove()
    },
  }
}

function service(
  place: Place,
  name: string,
  entry: string,
  env: NodeJS.ProcessEnv,
): Promise<RunningProcess> {
  const logFile = join(place.folder, 'logs', `${name}.log`)
  return startService({ name, root: ROOT, entry, env: { ...place.env, ...env }, logFile })
}

async function submit(api: string, request: object): Promise<string> {
  const response = await fetch(`${api}/backfills`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(request),
  })
  const body = await response.text()
  if (!response.ok) throw new Error(`POST /backfills answers ${response.status}: ${body}`)
  return (JSON.parse(body) as { readonly id: string }).id
}

async function askLoopDelay({ process: worker }: RunningProcess): Promise<LoopDelay> {
  const answer = once(worker, 'message', { signal: AbortSignal.timeout(10_000) })
  worker.send('loop-delay')
  return (await answer)[0] as LoopDelay
}

const ROOT = fileURLToPath(new URL('..', import.meta.url))
const PROBE = new URL('./loop-probe.mjs', import.meta.url).href
