import type { Server } from '../world/servers.ts'
import type { Action, Scene } from './action.ts'
import { moment, pause } from './moment.ts'

/** A server is killed, and comes back after a while over the same data; one at a time. */
export const SERVER_ACTIONS: readonly Action[] = [
  {
    needs: ['servers'],
    weight: 0.7,
    lastsMs: 5_000,
    run: (scene) => killServer(scene, scene.world.servers.questdb),
  },
  {
    needs: ['servers'],
    weight: 0.7,
    lastsMs: 5_000,
    run: (scene) => killServer(scene, scene.world.servers.s3),
  },
  {
    needs: ['servers'],
    weight: 0.7,
    lastsMs: 5_000,
    run: (scene) => killServer(scene, scene.world.servers.temporal),
  },
]

async function killServer(scene: Scene, server: Server): Promise<void> {
  const downMs = scene.random.between(0, 2_500)
  await moment(scene)
  scene.note(`kill ${server.name}, down for ${downMs} ms`)
  await server.kill()
  scene.killed()
  await pause(downMs)
  await server.startAgain()
  scene.note(`${server.name} is back`)
}
