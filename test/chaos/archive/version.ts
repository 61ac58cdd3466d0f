import { cutFrameOf, frameOf, type Frame } from './frame.ts'
import { linesOf, spoil, type Place } from './lines.ts'
import type { Random } from '../random.ts'

/** What an object holds, or held once. */
export interface Version extends Place, Frame {
  readonly lines: readonly string[]
  /** For people: `120 lines, cut`. */
  readonly label: string
}

/** A new version of an object, of any kind. */
export function drawVersion(place: Place, random: Random): Version {
  const kind = random.next()
  if (kind < 0.05) return versionOf(place, [])
  if (kind < 0.15) return cutVersion(place, linesOf(place, random), random)
  if (kind < 0.27) return versionOf(place, spoil(linesOf(place, random), place, random))
  if (kind < 0.31) return versionOf(place, linesOf(place, random).slice(0, 1))
  return versionOf(place, linesOf(place, random))
}

/** The same object without the end of it, or without its start. */
export function shorten({ lines, ...place }: Version, random: Random): Version {
  const keep = random.between(0, Math.max(0, lines.length - 1))
  return versionOf(
    place,
    random.chance(0.7) ? lines.slice(0, keep) : lines.slice(lines.length - keep),
  )
}

/** The same lines in a frame that is cut. */
export function cut({ lines, ...place }: Version, random: Random): Version {
  return cutVersion(place, lines, random)
}

/** The same lines in a whole frame. */
export function mend({ lines, ...place }: Version): Version {
  return versionOf(place, lines)
}

/** A version of some lines, in a whole frame. */
export function versionOf({ coin, hour }: Place, lines: readonly string[]): Version {
  return { coin, hour, lines, ...frameOf(lines), label: `${lines.length} lines` }
}

function cutVersion({ coin, hour }: Place, lines: readonly string[], random: Random): Version {
  if (lines.length === 0) return versionOf({ coin, hour }, lines)
  const frame = cutFrameOf(lines, random.next())
  return { coin, hour, lines, ...frame, label: `${lines.length} lines, cut` }
}
