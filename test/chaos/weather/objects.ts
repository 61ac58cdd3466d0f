import { HOUR_MS } from '@backtide/core/range'
import { keyOf } from '../archive/history.ts'
import type { Place } from '../archive/lines.ts'
import { cut, drawVersion, mend, shorten, type Version } from '../archive/version.ts'
import type { Random } from '../random.ts'
import type { World } from '../world/world.ts'
import type { Action, Scene } from './action.ts'
import { moment, pause } from './moment.ts'

/** Objects are added, replaced, shortened, cut, mended and removed. */
export const OBJECT_ACTIONS: readonly Action[] = [
  { needs: ['archive'], weight: 5, lastsMs: 1_000, run: changeSome },
]

/** Fills the archive before anything is loaded; some objects are absent. */
export async function fillArchive(
  { archive }: Pick<World, 'archive'>,
  random: Random,
): Promise<number> {
  const present = archive.places.filter(() => !random.chance(0.12))
  for (const place of present) await archive.put(drawVersion(place, random))
  return present.length
}

async function changeSome(scene: Scene): Promise<void> {
  const { random, world } = scene
  const count = random.between(1, 4)
  for (let changes = 0; changes < count; changes++) {
    const place = world.archive.places[random.between(0, world.archive.places.length - 1)]
    if (!place) continue
    const next = draw(world.archive.current(keyOf(place)), place, random)
    await moment(scene)
    const name = `${place.coin} ${new Date(place.hour).toISOString().slice(0, 13)}`
    scene.note(next ? `put ${name}: ${next.label}` : `remove ${name}`)
    // The gateway may be down: what was wanted is done when it is back.
    await insist(() => (next ? world.archive.put(next) : world.archive.remove(place)))
  }
}

/** The next version of an object; undefined when it is to go. */
function draw(current: Version | undefined, place: Place, random: Random): Version | undefined {
  const kind = random.next()
  if (!current || kind < 0.35) return drawVersion(place, random)
  if (kind < 0.6) return shorten(current, random)
  if (kind < 0.7) return cut(current, random)
  if (kind < 0.8) return mend(current)
  return undefined
}

async function insist(work: () => Promise<void>): Promise<void> {
  const deadline = Date.now() + HOUR_MS / 60
  for (;;) {
    try {
      return await work()
    } catch (error) {
      if (Date.now() > deadline) throw error
      await pause(50)
    }
  }
}
