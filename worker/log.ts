import type { LogLevel, LogMetadata, Logger as SdkLogger } from '@temporalio/common'
import { pino, type DestinationStream, type Logger } from 'pino'

/** The log of a worker process: a line of JSON each. Errors are written with message, cause and stack. */
export function createLog(level: string, to: DestinationStream): Logger {
  return pino({ name: 'worker', level, serializers: { error: pino.stdSerializers.err } }, to)
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
