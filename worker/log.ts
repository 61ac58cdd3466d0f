import { LOG_OPTIONS, readableLine } from '@backtide/core/log-line'
import { dayKey } from '@backtide/core/partition'
import type { LogLevel, LogMetadata, Logger as SdkLogger } from '@temporalio/common'
import type { ActivityInterceptorsFactory } from '@temporalio/worker'
import { destination, pino, type DestinationStream, type Logger } from 'pino'

/** The log of a worker process: a line of JSON each. Errors are written with message, cause and stack. */
export function createLog(level: string, to: DestinationStream): Logger {
  const { err } = pino.stdSerializers
  return pino({ ...LOG_OPTIONS, name: 'worker', level, serializers: { error: err } }, to)
}

/** Where the log goes: stderr, as readable text on a terminal. */
export function logDestination(stream: NodeJS.WriteStream): DestinationStream {
  if (!stream.isTTY) return destination({ fd: 2, sync: true })
  return { write: (line) => void stream.write(readableLine(line)) }
}

/** What Temporal's SDK writes to: the same log. */
export function sdkLogger(log: Logger): SdkLogger {
  const write = (level: LogLevel) => (message: string, meta?: LogMetadata) =>
    log[LEVELS[level]](meta ?? {}, message)
  return {
    log: (level, message, meta) => write(level)(message, meta),
    trace: write('TRACE'),
    debug: write('DEBUG'),
    info: write('INFO'),
    warn: write('WARN'),
    error: write('ERROR'),
  }
}

const LEVELS = {
  TRACE: 'trace',
  DEBUG: 'debug',
  INFO: 'info',
  WARN: 'warn',
  ERROR: 'error',
} as const

/** Has every line about an activity say of which backfill, dataset and day it is. */
export const nameSubjects: ActivityInterceptorsFactory = () => {
  let subject: object = {}
  return {
    inbound: {
      execute: async (input, next) => {
        subject = subjectOf(input.args[0])
        return await next(input)
      },
    },
    outbound: {
      getLogAttributes: (input, next) => {
        // Nobody looks anything up by these two, and the token is long.
        const { taskToken: _token, isLocal: _local, ...known } = next(input)
        return { ...known, ...subject }
      },
    },
  }
}

/** Of the inputs of activities (core/backfill.ts) what tells them apart. */
function subjectOf(input: unknown): object {
  const { backfill, ...own } = (input ?? {}) as Subject & { readonly backfill?: Subject }
  const { backfillId, dataset, partitions } = backfill ?? own
  return {
    ...(backfillId === undefined ? {} : { backfillId }),
    ...(dataset === undefined ? {} : { dataset }),
    ...(typeof partitions?.from === 'number' ? { day: dayKey(partitions.from) } : {}),
  }
}

interface Subject {
  readonly backfillId?: string
  readonly dataset?: string
  /** A range, of loads; others may call something else so. */
  readonly partitions?: { readonly from?: unknown }
}
