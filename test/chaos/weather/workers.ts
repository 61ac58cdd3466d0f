import { TEMPO } from '../world/tempo.ts'
import type { Worker } from '../world/worker.ts'
import type { Action, Resource, Scene } from './action.ts'
import { moment, pause } from './moment.ts'

/** Workers are killed, stopped, and frozen for longer than Temporal waits for them. */
export const WORKER_ACTIONS: readonly Action[] = (['worker A', 'worker B'] as const).flatMap(
  (name) => [
    { needs: [name], weight: 3, run: (scene) => replace(scene, workerOf(scene, name), 'kill') },
    { needs: [name], weight: 1, run: (scene) => replace(scene, workerOf(scene, name), 'stop') },
    { needs: [name, 'ice'], weight: 4, run: (scene) => freeze(scene, workerOf(scene, name)) },
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
