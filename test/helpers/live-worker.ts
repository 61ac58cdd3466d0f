import { CAPTURES } from '@backtide/collector/host'
import { COLLECT_WORKFLOW, collectWorkflowId, CONTROL_QUEUE } from '@backtide/core/ids'
import { assignmentId, LIVE_TEMPO, type Assignment, type LiveTempo } from '@backtide/core/live'
import type { CollectProgress } from '@backtide/core/live'
import { defaultPayloadConverter, type WorkflowHandle } from '@temporalio/client'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import type { Backtide, Place } from './backtide.ts'
import { readCaptures, temporaryFolder, type CapturedLine } from './captures.ts'
import { binanceFrames } from './venue-feeds.ts'
import { binanceRules } from './venue-server-rules.ts'
import { startVenueServer, type VenueServer } from './venue-server.ts'
import { startWorkerProcess, type WorkerProcess } from './worker-process.ts'

/** What makes a dead host quick to watch. */
export const QUICK_LIVE: LiveTempo = {
  ...LIVE_TEMPO,
  heartbeatTimeout: 3_000,
  retryInitialInterval: 100,
}

/** Binance on this machine, where a symbol is traded all the time. */
export async function startMarket(symbol: string) {
  const frames = binanceFrames(symbol)
  const server = await startVenueServer(binanceRules())
  const sent: string[] = []
  const trading = setInterval(() => {
    const trade = frames.trade()
    sent.push(trade)
    server.publish(frames.tradeStream, trade)
  }, 20)
  onTestFinished(async () => {
    clearInterval(trading)
    await server[Symbol.asyncDispose]()
  })
  return { server, stream: frames.tradeStream, sent, halt: () => clearInterval(trading) }
}

/** A worker of the role `live`, in a process of its own, that collects from a venue server. */
export interface LiveWorker extends WorkerProcess {
  /** Its name, as holes and heartbeats have it. */
  readonly name: string
  captures(): readonly CapturedLine[]
}

export async function startLiveWorker(
  place: Place,
  venue: VenueServer,
  env: Readonly<Record<string, string>> = {},
  root = temporaryFolder(),
): Promise<LiveWorker> {
  const at = { symbols: ['X'], channels: ['trades'], baseUrl: `ws://${venue.host}` }
  const worker = await startWorkerProcess(place, {
    BACKTIDE_ROLES: 'live',
    BACKTIDE_LIVE_DIR: root,
    BACKTIDE_MARKETS: JSON.stringify([{ exchange: 'binance', market: 'spot', ...at }]),
    BACKTIDE_GRACE_MS: '15000',
    ...env,
  })
  onTestFinished(() => worker[Symbol.asyncDispose]())
  return {
    ...worker,
    name: readFileSync(join(root, 'name'), 'utf8').trim(),
    captures: () => readCaptures(join(root, CAPTURES)),
  }
}

/** Starts the workflow that has trades of a symbol collected. */
export async function collectTrades({ client }: Backtide, symbol: string): Promise<WorkflowHandle> {
  const assignment: Assignment = {
    exchange: 'binance',
    market: 'spot',
    connection: `stream-${symbol.toLowerCase()}`,
    replica: 1,
    wanted: [{ symbol, channels: ['trades'] }],
  }
  const handle = await client.workflow.start(COLLECT_WORKFLOW, {
    taskQueue: CONTROL_QUEUE,
    workflowId: collectWorkflowId(assignmentId(assignment)),
    memo: { assignment },
    args: [{ assignment, tempo: QUICK_LIVE }],
  })
  onTestFinished(() =>
    handle.terminate().then(
      () => undefined,
      () => undefined,
    ),
  )
  return handle
}

/** The attempt that a host has now, as Temporal knows it. */
export async function attemptOf(handle: WorkflowHandle) {
  const [pending] = (await handle.describe()).raw.pendingActivities ?? []
  const payload = pending?.heartbeatDetails?.payloads?.[0]
  const said = payload && defaultPayloadConverter.fromPayload<CollectProgress>(payload)
  return { attempt: pending?.attempt ?? 0, said }
}
