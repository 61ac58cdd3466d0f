import type { Random } from '../random.ts'
import type { Action, Resource, Scene } from './action.ts'
import { BACKFILL_ACTIONS, START_BACKFILL } from './backfills.ts'
import { pause } from './moment.ts'
import { OBJECT_ACTIONS } from './objects.ts'
import { ROAD_ACTIONS } from './roads.ts'
import { SERVER_ACTIONS } from './servers.ts'
import { TABLE_ACTIONS } from './tables.ts'
import { WORKER_ACTIONS } from './workers.ts'

const ACTIONS: readonly Action[] = [
  ...SERVER_ACTIONS,
  ...WORKER_ACTIONS,
  ...ROAD_ACTIONS,
  ...OBJECT_ACTIONS,
  ...BACKFILL_ACTIONS,
  ...TABLE_ACTIONS,
]

const FIRST_BACKFILLS = 3

/** Longest time between two actions. */
const LONGEST_PAUSE_MS = 900

/**
 * Lets things happen until the time is over, several at once, never two to the same thing, and
 * waits until what they did is undone.
 * @throws the first error of an action: the harness itself is at fault, or something does not come up
 */
export async function letItStorm(scene: Scene, ms: number, signal: AbortSignal): Promise<void> {
  const deadline = Date.now() + ms
  const taken = new Set<Resource>()
  const running = new Set<Promise<unknown>>()
  const failures: unknown[] = []
  let patient: Action | undefined
  for (let step = 0; Date.now() < deadline && !signal.aborted && failures.length === 0; step++) {
    const random = scene.random.fork(`step ${step}`)
    const action = next(step, random.next())
    if (action?.isPatient && action !== patient) patient = action
    else if (action) begin(action, random)
    await pause(random.between(50, LONGEST_PAUSE_MS))
  }
  await Promise.all(running)
  if (failures.length > 0) throw failures[0]

  function next(step: number, at: number): Action | undefined {
    // Without something at work nothing could be disturbed.
    if (step < FIRST_BACKFILLS) return START_BACKFILL
    if (patient && isFree(patient)) return patient
    const left = deadline - Date.now()
    return choose(
      ACTIONS.filter((action) => action.lastsMs <= left && mayBegin(action)),
      at,
    )
  }

  function mayBegin(action: Action): boolean {
    if (action.isPatient) return patient === undefined
    return isFree(action) && !action.needs.some((one) => patient?.needs.includes(one))
  }

  function isFree({ needs }: Action): boolean {
    return !needs.some((one) => taken.has(one))
  }

  function begin(action: Action, random: Random): void {
    if (action === patient) patient = undefined
    for (const one of action.needs) taken.add(one)
    const work = action
      .run({ ...scene, random })
      .catch((error: unknown) => void failures.push(error))
      .finally(() => {
        for (const one of action.needs) taken.delete(one)
        running.delete(work)
      })
    running.add(work)
  }
}

/** One of some actions, by their weights and a number from 0 up to 1. */
function choose(actions: readonly Action[], at: number): Action | undefined {
  let left = at * actions.reduce((sum, { weight }) => sum + weight, 0)
  return actions.find(({ weight }) => (left -= weight) < 0)
}
