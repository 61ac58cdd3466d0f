/** An instant to the nanosecond: UTC microseconds and the nanoseconds (0 to 999) beyond them. */
export interface UtcTime {
  readonly micros: number
  readonly nanos: number
}

const TIME = /^(\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2})(?:\.(\d{1,9}))?Z?$/

/**
 * Reads `2025-01-01T00:00:02.238437296`, with 0 to 9 decimals, with or without `Z`: UTC either way.
 * Undefined for anything else: dates and times that do not exist, those before 1970, and those from 2255
 * on, whose microseconds are no safe integer and whose nanoseconds hardly fit QuestDB's TIMESTAMP_NS.
 */
export function parseUtcTime(text: string): UtcTime | undefined {
  const match = TIME.exec(text)
  if (!match) return undefined
  const [, whole = '', decimals = ''] = match
  const ms = Date.parse(`${whole}Z`)
  if (Number.isNaN(ms) || ms < 0 || ms >= END_MS || !new Date(ms).toISOString().startsWith(whole))
    return undefined
  const nanos = Number(decimals.padEnd(9, '0'))
  return { micros: ms * 1000 + Math.trunc(nanos / 1000), nanos: nanos % 1000 }
}

const END_MS = Date.UTC(2255, 0, 1)

/** How far a record may lie outside its object's partition, in milliseconds: clocks differ. */
export const TOLERANCE_MS = 5 * 60_000

/** How far exchange time and recorder time of a record may be from each other, in milliseconds. */
export const APART_MS = 60 * 60_000

/** Whether an instant (UTC microseconds) lies in a partition (UTC milliseconds), give or take 5 minutes. */
export function isNearPartition(
  micros: number,
  partition: { readonly from: number; readonly to: number },
): boolean {
  const ms = micros / 1000
  return ms >= partition.from - TOLERANCE_MS && ms < partition.to + TOLERANCE_MS
}

/** Whether an exchange time (UTC microseconds) is no more than an hour from the recorder's time. */
export function isNearReceived(ts: number, { micros, nanos }: UtcTime): boolean {
  return Math.abs(micros - ts + nanos / 1000) <= APART_MS * 1000
}
