import type { Random } from '../random.ts'
import type { Fate } from '../world/stream-gate.ts'
import type { Action, Scene } from './action.ts'
import { pause } from './moment.ts'

/** The roads between workers and servers are rough for a while. */
export const ROAD_ACTIONS: readonly Action[] = [
  {
    needs: ['road to s3'],
    weight: 1.5,
    lastsMs: 4_000,
    run: (scene) => roughen(scene, 's3', SLOW_DOWN),
  },
  {
    needs: ['road to questdb'],
    weight: 1.5,
    lastsMs: 4_000,
    run: (scene) => roughen(scene, 'questdb', UNAVAILABLE),
  },
]

const SLOW_DOWN: Fate = {
  answer: 503,
  body: '<Error><Code>SlowDown</Code><Message>Please reduce your request rate.</Message></Error>',
}

const UNAVAILABLE: Fate = { answer: 503, body: 'upstream connect error' }

async function roughen(scene: Scene, road: 's3' | 'questdb', refusal: Fate): Promise<void> {
  const { random, world, note } = scene
  const [ms, share] = [random.between(500, 4_000), 0.1 + 0.6 * random.next()]
  const drawn = random.fork('fates')
  const kinds = random.some(Object.keys(KINDS))
  note(`${kinds.join(', ')} on the road to ${road}: ${Math.round(share * 100)} % for ${ms} ms`)
  const gate = world.gates[road]
  gate.weather = () => (drawn.chance(share) ? fateOf(kinds, refusal, drawn) : 'pass')
  await pause(ms)
  gate.weather = () => 'pass'
}

/** What can become of a request on a rough road. */
const KINDS: Readonly<Record<string, (refusal: Fate, random: Random) => Fate>> = {
  refuse: (refusal) => refusal,
  reset: () => 'reset',
  'lose answers': () => 'loseAnswer',
  'cut requests': (_, random) => ({ cutRequest: random.between(0, 200_000) }),
  'cut answers': (_, random) => ({ cutAnswer: random.between(0, 20_000) }),
  // Shorter than a lease lasts: what the network holds for longer nobody can call back.
  hold: (_, random) => ({ holdMs: random.between(50, 1_000) }),
}

function fateOf(kinds: readonly string[], refusal: Fate, random: Random): Fate {
  const kind = kinds[random.between(0, kinds.length - 1)] ?? ''
  return KINDS[kind]?.(refusal, random) ?? 'pass'
}
