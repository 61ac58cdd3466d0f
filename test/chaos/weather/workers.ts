import { TEMPO } from '../world/tempo.ts'
import type { Worker } from '../world/worker.ts'
import type { Action, Scene } from './action.ts'
import { moment, pause } from './moment.ts'

/** Of which a worker takes most to come up. */
const LASTS_MS = 8_000
/** Loads get that long to end when their worker is stopped. */
const GRACE_MS = 30_000

/** One of the workers is killed, stopped, or frozen for longer than Temporal waits for it. */
export const WORKER_ACTIONS: readonly Action[] = [
  { needs: ['workers'], weight: 1.2, lastsMs: LASTS_MS, run: (scene) => replace(scene, 'kill') },
  { needs: ['workers'], weight: 0.3, lastsMs: GRACE_MS, run: (scene) => replace(scene, 'stop') },
  { needs: ['workers'], weight: 1.5, lastsMs: LASTS_MS, run: freeze },
]

/** The zombie's successor is at work when it is let go again. */
async function freeze(scene: Scene): Promise<void> {
  const ms = Math.round(TEMPO.heartbeatTimeout * (1.1 + 1.2 * scene.random.next()))
  const worker = drawWorker(scene)
  if (!worker) return
  await moment(scene)
  scene.note(`freeze ${worker.name} for ${ms} ms`)
  worker.freeze()
  await pause(ms)
  worker.letGo()
  scene.note(`${worker.name} is let go`)
}

async function replace(scene: Scene, how: 'kill' | 'stop'): Promise<void> {
  const worker = drawWorker(scene)
  if (!worker) return
  await moment(scene)
  scene.note(`${how} ${worker.name}`)
  await worker[how]()
  if (how === 'kill') scene.killed()
  await worker.start()
  scene.note(`${worker.name} is back`)
}

/** None while one is down: another one is always at work. */
function drawWorker({ world: { workers }, random }: Scene): Worker | undefined {
  return workers.every(({ isUp }) => isUp) ? random.some(workers)[0] : undefined
}
