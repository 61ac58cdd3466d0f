import type { ServerPrograms } from '@backtide/stack/acquire/programs'
import { startQuestDb, type QuestDbServer } from '@backtide/stack/servers/questdb'
import { startS3, type S3Server } from '@backtide/stack/servers/s3'
import type { RunningProcess } from '@backtide/stack/processes/server-process'
import { startTemporal, type TemporalServer } from '@backtide/stack/servers/temporal'
import { join } from 'node:path'

/** A server that can be killed and started again over the same data, on the same ports. */
export interface Server<T extends RunningProcess = RunningProcess> {
  readonly name: string
  /** Where it is stays the same. */
  readonly first: T
  /** SIGKILL. */
  kill(): Promise<void>
  startAgain(): Promise<void>
  stop(): Promise<void>
}

/** The servers of one run. */
export interface Servers {
  readonly temporal: Server<TemporalServer>
  readonly questdb: Server<QuestDbServer>
  readonly s3: Server<S3Server>
}

export const BUCKET = 'hyperliquid-archive'

/**
 * Starts all of them over a folder.
 * @throws StackError when one does not come up
 */
export async function startServers(programs: ServerPrograms, folder: string): Promise<Servers> {
  const data = (name: string) => ({ dataDir: join(folder, name) })
  const [temporal, questdb, s3] = await Promise.all([
    keep('Temporal', (before?: TemporalServer) =>
      startTemporal({
        binary: programs.temporal,
        ...data('temporal'),
        ...(before && { port: Number(before.address.split(':')[1]) }),
      }),
    ),
    keep('QuestDB', (before?: QuestDbServer) =>
      startQuestDb({
        ...programs.questdb,
        ...data('questdb'),
        heapMb: 512,
        ...(before && { port: before.port, pgPort: before.pgPort }),
      }),
    ),
    keep('S3 gateway', (before?: S3Server) =>
      startS3({
        binary: programs.s3,
        ...data('s3'),
        buckets: [BUCKET],
        ...(before && { port: before.port }),
      }),
    ),
  ])
  return { temporal, questdb, s3 }
}

async function keep<T extends RunningProcess>(
  name: string,
  start: (before?: T) => Promise<T>,
): Promise<Server<T>> {
  const first = await start()
  let running = first
  return {
    name,
    first,
    kill: () => running.kill(),
    startAgain: async () => {
      running = await start(first)
    },
    stop: () => running.stop(),
  }
}
