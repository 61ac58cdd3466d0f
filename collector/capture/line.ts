import { isUtf8 } from 'node:buffer'
import { timeOfText, timeText } from '@backtide/core/nano-time'
import { parseFrame, type Json } from '../frame.ts'

/**
 * Version of the lines. A line is `{"time":"2025-01-01T00:00:00.123456789","ver_num":1,…}` with the
 * receive time in UTC and one of
 * - `raw`: a message that is JSON, byte for byte as it came;
 * - `text`: another message, as a string; `base64`, if it is no UTF-8;
 * - `event`: what the collector has to say.
 */
export const LINE_VERSION = 1

const HEAD = Buffer.from('"ver_num":1,"raw":')
const TAIL = Buffer.from('}\n')
const LINE_ENDS = [0x0a, 0x0d]

/** What the collector says of itself, beside the messages. */
export interface CaptureEvent {
  readonly event: string
  readonly [field: string]: Json | undefined
}

/** A received message, and what it is as JSON: undefined where it is none. */
export interface Message {
  readonly bytes: Buffer
  readonly json: Json | undefined
}

export function readMessage(bytes: Buffer): Message {
  return { bytes, json: isUtf8(bytes) ? parseFrame(bytes.toString()) : undefined }
}

/** The line of a message, in pieces. */
export function messageLine(time: bigint, { bytes, json }: Message): readonly Buffer[] {
  // White space of JSON may be a line end, and would cut the line.
  if (json !== undefined && !LINE_ENDS.some((end) => bytes.includes(end))) {
    return [Buffer.from(`{"time":"${timeText(time)}",`, 'latin1'), HEAD, bytes, TAIL]
  }
  const other = isUtf8(bytes) ? { text: bytes.toString() } : { base64: bytes.toString('base64') }
  return [ownLine(time, other)]
}

export function eventLine(time: bigint, event: CaptureEvent): Buffer {
  return ownLine(time, { event })
}

function ownLine(time: bigint, fields: object): Buffer {
  return Buffer.from(
    `${JSON.stringify({ time: timeText(time), ver_num: LINE_VERSION, ...fields })}\n`,
  )
}

/** UTC nanoseconds of a line; undefined where it does not begin with its time. */
export function timeOfLine(line: string): bigint | undefined {
  const [, text] = /^\{"time":"([^"]*)"/.exec(line) ?? []
  return text === undefined ? undefined : timeOfText(text)
}
