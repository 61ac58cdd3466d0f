import { TEMPO } from '../world/tempo.ts'
import type { Worker } from '../world/worker.ts'
import type { Action, Resource, Scene } from './action.ts'
import { moment, pause } from './moment.ts'

/** Of which a worker takes most to come up. */
const LASTS_MS = 8_000
/** Loads get that long to end when their worker is stopped. */
const GRACE_MS = 30_000

/** Workers are killed, stopped, and frozen for longer than Temporal waits for them. */
export const WORKER_ACTIONS: readonly Action[] = (['worker A', 'worker B'] as const).flatMap(
  (name) => [
    {
      needs: [name],
      weight: 0.5,
      lastsMs: LASTS_MS,
      run: (scene) => replace(scene, workerOf(scene, name), 'kill'),
    },
    {
      needs: [name],
      weight: 0.2,
      lastsMs: GRACE_MS,
      run: (scene) => replace(scene, workerOf(scene, name), 'stop'),
    },
    {
      needs: [name, 'ice'],
      weight: 0.7,
      lastsMs: LASTS_MS,
      run: (scene) => freeze(scene, workerOf(scene, name)),
    },
  ],
)

/** The zombie's successor is at work when it is let go again. */
async function freeze(scene: Scene, worker: Worker): Promise<void> {
  const ms = Math.round(TEMPO.heartbeatTimeout * (1.1 + 1.2 * scene.random.next()))
  await moment(scene)
  if (!worker.isUp) return await startAgain(scene, worker)
  scene.note(`freeze ${worker.name} for ${ms} ms`)
  worker.freeze()
  await pause(ms)
  worker.letGo()
  scene.note(`${worker.name} is let go`)
}

async function replace(scene: Scene, worker: Worker, how: 'kill' | 'stop'): Promise<void> {
  await moment(scene)
  if (worker.isUp) {
    scene.note(`${how} ${worker.name}`)
    await worker[how]()
    if (how === 'kill') scene.killed()
  }
  await startAgain(scene, worker)
}

async function startAgain(scene: Scene, worker: Worker): Promise<void> {
  await worker.start()
  scene.note(`${worker.name} is back`)
}

function workerOf({ world }: Scene, name: Resource): Worker {
  const worker = world.workers.find((one) => one.name === name)
  if (!worker) throw new Error(`There is no ${name}`)
  return worker
}
