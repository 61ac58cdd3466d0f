import type { Format } from './dataset.ts'

/** Versions of decoders for partitions that start before `until` (UTC milliseconds; absent: the last). */
export interface VersionSpan {
  readonly until: number | undefined
  readonly versions: readonly number[]
}

/** The versions a dataset's objects are decoded with, by time, ascending. */
export function versionSpans(formats: readonly Format[]): readonly VersionSpan[] {
  const untils = [...new Set(formats.flatMap(({ until }) => until ?? []))].toSorted((a, b) => a - b)
  return [...untils, undefined].map((until) => ({
    until,
    versions: versionsBefore(formats, until ?? Infinity),
  }))
}

/** Of the objects of a partition shortly before an instant: formats of one object each, then of the rest. */
function versionsBefore(formats: readonly Format[], instant: number): readonly number[] {
  const still = formats.filter(({ until = Infinity }) => until >= instant)
  const rest = still.findIndex(({ part }) => part === undefined)
  return (rest < 0 ? still : still.slice(0, rest + 1)).map(({ version }) => version)
}
