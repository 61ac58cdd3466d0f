import { BACKFILL_WORKFLOW } from '@backtide/core/ids'
import { HOUR_MS } from '@backtide/core/range'
import { COINS } from '../archive/plan.ts'
import { LAYOUTS } from '../checker/layouts.ts'
import type { World } from '../world/world.ts'
import type { Action, Scene } from './action.ts'
import { moment, pause } from './moment.ts'

export const START_BACKFILL: Action = {
  needs: ['backfills'],
  weight: 8,
  lastsMs: 0,
  run: startOne,
}

/** Backfills are started over each other, paused, resumed, cancelled and terminated. */
export const BACKFILL_ACTIONS: readonly Action[] = [
  START_BACKFILL,
  {
    needs: ['steering'],
    weight: 0.5,
    lastsMs: 0,
    run: (scene) => steer(scene, 'cancel', byApi('cancel')),
  },
  {
    needs: ['steering'],
    weight: 0.5,
    lastsMs: 0,
    run: (scene) => steer(scene, 'signal cancel to', bySignal),
  },
  { needs: ['steering'], weight: 1, lastsMs: 0, run: pauseOne },
  {
    needs: ['steering'],
    weight: 0.3,
    lastsMs: 0,
    run: (scene) => steer(scene, 'terminate', byTermination),
  },
]

/** With more, most of them would only wait for each other's days. */
const MOST_OPEN = 5

/** Ids of the backfills that Temporal runs now. @throws when Temporal does not answer */
export async function openBackfills({ backtide }: World): Promise<string[]> {
  const query = `WorkflowType = '${BACKFILL_WORKFLOW}' AND ExecutionStatus = 'Running'`
  const ids: string[] = []
  for await (const { workflowId } of backtide.client.workflow.list({ query })) ids.push(workflowId)
  return ids
}

async function startOne({ world, plan, random, note }: Scene): Promise<void> {
  const open = await openBackfills(world).catch(() => [])
  if (open.length >= MOST_OPEN) return
  const { from, to } = plan.range
  const hours = (to - from) / HOUR_MS
  const first = random.chance(0.4) ? 0 : random.between(0, hours - 1)
  const last = random.chance(0.4) ? hours : random.between(first + 1, hours)
  const body = {
    dataset: random.pick([LAYOUTS[0].dataset, LAYOUTS[1].dataset]),
    coins: random.some(COINS),
    from: new Date(from + first * HOUR_MS).toISOString(),
    to: new Date(from + last * HOUR_MS).toISOString(),
    order: random.pick(['oldest-first', 'newest-first']),
    reprocess: random.pick(['incomplete', 'changed', 'all', 'all']),
    onFailure: random.pick(['continue', 'continue', 'pause', 'abort']),
    concurrency: random.between(1, 3),
  }
  const answer = await world.backtide.call('POST', '/backfills', body)
  const { dataset, coins, order, reprocess } = body
  const hoursText = `${body.from.slice(0, 13)} to ${body.to.slice(0, 13)}`
  note(
    `backfill ${dataset} ${coins.join('+')} ${hoursText} ${reprocess} ${order}: ${answer.status}`,
  )
}

type Steer = (world: World, id: string) => Promise<string>

function byApi(verb: 'cancel' | 'pause' | 'resume'): Steer {
  return async ({ backtide }, id) => {
    const path = `/backfills/${encodeURIComponent(id)}/${verb}`
    return `${(await backtide.call('POST', path, { reason: 'chaos' })).status}`
  }
}

const bySignal: Steer = async ({ backtide }, id) => {
  await backtide.client.workflow.getHandle(id).signal('cancel')
  return 'sent'
}

const byTermination: Steer = async ({ backtide }, id) => {
  await backtide.client.workflow.getHandle(id).terminate('chaos')
  return 'done'
}

async function pauseOne(scene: Scene): Promise<void> {
  const id = await steer(scene, 'pause', byApi('pause'))
  if (id === undefined) return
  await pause(scene.random.between(200, 3_000))
  await steer(scene, 'resume', byApi('resume'), id)
}

/** Does something to a backfill that runs; it may be over before, and Temporal may be away. */
async function steer(
  scene: Scene,
  verb: string,
  how: Steer,
  known?: string,
): Promise<string | undefined> {
  const { world, random, note } = scene
  await moment(scene)
  try {
    const open = known === undefined ? await openBackfills(world) : [known]
    const id = open[random.between(0, open.length - 1)]
    if (id === undefined) return undefined
    note(`${verb} ${id}: ${await how(world, id)}`)
    return id
  } catch (error) {
    note(`${verb} failed: ${error instanceof Error ? error.message : String(error)}`)
    return undefined
  }
}
