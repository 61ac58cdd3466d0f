import type { BrokenOff } from '@backtide/core/hole'
import { FAILURE } from '@backtide/core/failure'
import {
  assignmentId,
  type Assignment,
  type BrokenOffText,
  type CollectProgress,
  type CollectResult,
  type CollectTask,
} from '@backtide/core/live'
import { timeOfText, timeText } from '@backtide/core/nano-time'
import { Context } from '@temporalio/activity'
import { ApplicationFailure, CancelledFailure } from '@temporalio/common'

/** What collects in this process. It goes on while attempts come and go. */
export interface LiveHost {
  /** Names the host. */
  readonly server: string
  take(assignment: Assignment, brokeOff?: BrokenOff): Promise<LiveCollecting>
  /** Ends it; resolves to the receive time of its last line. */
  drop(id: string): Promise<bigint | undefined>
  /** Aborts when the process is about to stop: attempts end, as planned. */
  readonly leaving: AbortSignal
  /** Assignments that an attempt holds; others are looked after by the process. */
  readonly held: Set<string>
}

export interface LiveCollecting {
  readonly brokeOff: BrokenOff | undefined
  status(): Omit<CollectProgress, 'server' | 'durable' | 'brokeOff' | 'openHoles'> & {
    readonly durable: bigint | undefined
    readonly openHoles: readonly unknown[]
  }
}

/** Heartbeats in a heartbeat timeout. */
const BEATS = 6

/**
 * Has this host collect, or go on with what it collects already, until it is told to stop, leaves, or
 * the attempt has lasted for its turn. An attempt that Temporal gives up ends without the collecting.
 */
export async function collect(host: LiveHost, task: CollectTask): Promise<CollectResult> {
  const context = Context.current()
  const { heartbeatDetails, heartbeatTimeoutMs = 30_000 } = context.info
  const id = assignmentId(task.assignment)
  const collecting = await take(host, task, heartbeatDetails as CollectProgress | undefined)
  const { signal, stop } = wakened(context.cancellationSignal, host.leaving, task.turn)
  host.held.add(id)
  try {
    while (!signal.aborted) {
      const progress = progressOf(host.server, collecting)
      context.heartbeat(progress)
      if (progress.state === 'failed') throw failed(id, host.server)
      await pause(heartbeatTimeoutMs / BEATS, signal)
    }
    return await end(host, id, collecting)
  } finally {
    stop()
    host.held.delete(id)
  }
}

async function take(
  host: LiveHost,
  { assignment, brokeOff }: CollectTask,
  before: CollectProgress | undefined,
): Promise<LiveCollecting> {
  const last: BrokenOffText | undefined =
    before?.durable === undefined ? brokeOff : { at: before.durable, cause: 'process_dead' }
  const at = last && timeOfText(last.at)
  try {
    return await host.take(
      assignment,
      last && at !== undefined ? { at, cause: last.cause } : undefined,
    )
  } catch (error) {
    // Of the file system: another host may do better, or this one later.
    if (!(error instanceof Error) || 'code' in error) throw error
    throw ApplicationFailure.nonRetryable(error.message, FAILURE.badRequest)
  }
}

async function end(host: LiveHost, id: string, collecting: LiveCollecting): Promise<CollectResult> {
  const { cancellationSignal, cancellationDetails } = Context.current()
  if (!cancellationSignal.aborted) {
    const { durable } = collecting.status()
    return { end: host.leaving.aborted ? 'left' : 'turned', ...textOf(durable) }
  }
  // Anything else says something of the attempt alone.
  if (cancellationDetails?.cancelRequested !== true) throw new CancelledFailure('taken away')
  return { end: 'stopped', ...textOf(await host.drop(id)) }
}

function progressOf(server: string, { brokeOff, status }: LiveCollecting): CollectProgress {
  const { state, messages, bytes, connects, waiting, openHoles, durable } = status()
  return {
    server,
    state,
    ...textOf(durable),
    ...(brokeOff && { brokeOff: { at: timeText(brokeOff.at), cause: brokeOff.cause } }),
    messages,
    bytes,
    connects,
    openHoles: openHoles.length,
    waiting: waiting.slice(0, MOST_NAMED),
  }
}

/** Of streams that bring nothing; more would only fill the history. */
const MOST_NAMED = 20

function textOf(durable: bigint | undefined): { readonly durable?: string } {
  return durable === undefined ? {} : { durable: timeText(durable) }
}

function failed(id: string, server: string): ApplicationFailure {
  return ApplicationFailure.retryable(
    `${id} cannot be kept on ${server}: see to its disk`,
    'CaptureFailed',
  )
}

/** A signal that aborts with others, or after a while. */
function wakened(cancelled: AbortSignal, leaving: AbortSignal, afterMs: number) {
  const turned = new AbortController()
  const timer = setTimeout(() => turned.abort(), Math.min(afterMs, 2 ** 31 - 1))
  const signal = AbortSignal.any([cancelled, leaving, turned.signal])
  return { signal, stop: () => clearTimeout(timer) }
}

async function pause(ms: number, signal: AbortSignal): Promise<void> {
  if (signal.aborted) return
  await new Promise<void>((resolve) => {
    const done = () => {
      clearTimeout(timer)
      signal.removeEventListener('abort', done)
      resolve()
    }
    const timer = setTimeout(done, ms)
    signal.addEventListener('abort', done)
  })
}
