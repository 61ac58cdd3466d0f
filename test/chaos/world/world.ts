import type { ServerPrograms } from '@backtide/stack/acquire/programs'
import { buildBundles } from '@backtide/worker/bundles'
import { temporaryFolder } from '@backtide/worker/temporary-folder'
import { rmSync } from 'node:fs'
import { openArchive } from '../../helpers/archive.ts'
import { openBacktide, type Backtide, type Place } from '../../helpers/backtide.ts'
import { openHistory, type RememberingArchive } from '../archive/history.ts'
import type { Place as ObjectPlace } from '../archive/lines.ts'
import { askAt, type Ask } from '../checker/read.ts'
import { startServers, type Servers } from './servers.ts'
import { openStreamGate, type StreamGate } from './stream-gate.ts'
import { TEMPO } from './tempo.ts'
import { createWorker, type Worker } from './worker.ts'

/** Everything one run works with, all of it its own. */
export interface World extends AsyncDisposable {
  readonly servers: Servers
  /** What workers reach the archive and the database through; the API and the checker go straight. */
  readonly gates: { readonly s3: StreamGate; readonly questdb: StreamGate }
  readonly workers: readonly Worker[]
  readonly backtide: Backtide
  readonly archive: RememberingArchive
  readonly ask: Ask
}

/**
 * Brings everything up, workers excepted.
 * @throws StackError when something does not come up; nothing stays behind
 */
export async function openWorld(
  programs: ServerPrograms,
  places: readonly ObjectPlace[],
): Promise<World> {
  const folder = temporaryFolder('chaos')
  const open = new AsyncStack()
  open.defer(async () => rmSync(folder, { recursive: true, force: true, maxRetries: 5 }))
  try {
    const servers = await startServers(programs, folder)
    for (const server of Object.values(servers)) open.defer(() => server.kill())
    const gates = {
      s3: await openStreamGate(servers.s3.first.endpoint),
      questdb: await openStreamGate(servers.questdb.first.url),
    }
    for (const gate of Object.values(gates))
      open.defer(async () => await gate[Symbol.asyncDispose]())
    const bundles = await buildBundles()
    open.defer(bundles.remove)
    const direct = placeOf(servers, bundles.folder)
    const backtide = await openBacktide(direct, TEMPO)
    open.defer(async () => await backtide[Symbol.asyncDispose]())
    const workers = ['worker A', 'worker B'].map((name) =>
      createWorker(name, throughGates(direct, gates), folder),
    )
    for (const worker of workers) open.defer(() => worker.kill())
    const archive = openHistory(places, openArchive(servers.s3.first))
    const ask = askAt(servers.questdb.first.url)
    const close = () => open.close()
    return { servers, gates, workers, backtide, archive, ask, [Symbol.asyncDispose]: close }
  } catch (error) {
    await open.close()
    throw error
  }
}

function placeOf({ temporal, questdb, s3 }: Servers, bundles: string): Place {
  return {
    temporal: temporal.first.address,
    namespace: 'default',
    questdb: questdb.first.clientConf,
    s3: s3.first,
    bundles,
  }
}

function throughGates(direct: Place, gates: World['gates']): Place {
  return {
    ...direct,
    questdb: `http::addr=${gates.questdb.host};`,
    s3: { ...direct.s3, endpoint: `http://${gates.s3.host}` },
  }
}

/** Closes what was opened, last first; one that fails does not keep the others open. */
class AsyncStack {
  readonly #close: (() => Promise<void>)[] = []

  defer(close: () => Promise<void>): void {
    this.#close.push(close)
  }

  async close(): Promise<void> {
    for (const close of this.#close.splice(0).toReversed()) await close().catch(() => {})
  }
}
