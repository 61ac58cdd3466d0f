import { DAY_MS, HOUR_MS } from './range.ts'

const UNITS = { d: DAY_MS, h: HOUR_MS, m: 60_000, s: 1_000 } as const

/** `90s`, `15m`, `1h` or `7d` in milliseconds; undefined for anything else. */
export function parseDuration(text: string): number | undefined {
  const [, count, unit] = /^([1-9]\d{0,4})([smhd])$/.exec(text) ?? []
  return count === undefined ? undefined : Number(count) * UNITS[unit as keyof typeof UNITS]
}

/** The same as text, in the largest unit that it is a whole number of. */
export function formatDuration(ms: number): string {
  const [unit, length] = Object.entries(UNITS).find(([, one]) => ms % one === 0) ?? ['s', 1_000]
  return `${ms / length}${unit}`
}
