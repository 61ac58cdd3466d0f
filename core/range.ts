/** Half-open range of UTC milliseconds: `from ≤ t < to`. */
export interface Range {
  readonly from: number
  readonly to: number
}

export const HOUR_MS = 3_600_000
export const DAY_MS = 24 * HOUR_MS

/** How an instant is written. */
export const INSTANT =
  /^(\d{4})-(\d{2})-(\d{2})(?:[T ](\d{2})(?::(\d{2})(?::(\d{2})(?:\.(\d{1,3})\d*)?)?)?(Z|[+-]\d{2}:\d{2})?)?$/

/**
 * Reads `2025-01-01`, `2025-01-01T07`, `2025-01-01T07:00:00` or any of them with `Z` or an offset;
 * a text without zone is UTC. Returns UTC milliseconds, or undefined for anything else, dates that
 * do not exist (`2025-02-30`, `24:00`) included.
 */
export function parseInstant(text: string): number | undefined {
  const match = INSTANT.exec(text)
  if (!match) return undefined
  const [year, month, day, hour, minute, second, milli] = match.slice(1, 8).map((part, index) => {
    return Number(index === 6 ? (part ?? '0').padEnd(3, '0') : (part ?? 0))
  }) as [number, number, number, number, number, number, number]
  const at = Date.UTC(year, month - 1, day, hour, minute, second, milli)
  const back = new Date(at)
  const exists =
    back.getUTCMonth() === month - 1 &&
    back.getUTCDate() === day &&
    hour < 24 &&
    minute < 60 &&
    second < 60
  return exists ? at - offsetMs(match[8]) : undefined
}

/** `2025-01-01T07:00:00Z`, without milliseconds where there are none. */
export function formatInstant(ms: number): string {
  return new Date(ms).toISOString().replace('.000Z', 'Z')
}

/**
 * Bounds of which some were left out: up to the last partition (`length` in milliseconds) that has ended
 * at an instant, from seven days before.
 */
export function fillRange(
  { from, to }: { readonly from?: string | undefined; readonly to?: string | undefined },
  length: number,
  now: number,
): { readonly from: string; readonly to: string } {
  const floor = (at: number) => formatInstant(Math.floor(at / length) * length)
  const end = to ?? floor(now)
  return { from: from ?? floor((parseInstant(end) ?? now) - 7 * DAY_MS), to: end }
}

function offsetMs(zone: string | undefined): number {
  if (!zone || zone === 'Z') return 0
  const sign = zone.startsWith('-') ? -1 : 1
  return sign * (Number(zone.slice(1, 3)) * HOUR_MS + Number(zone.slice(4, 6)) * 60_000)
}
