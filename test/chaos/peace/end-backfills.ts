import { openBackfills } from '../weather/backfills.ts'
import { pause } from '../weather/moment.ts'
import type { World } from '../world/world.ts'

export interface EndOptions {
  /** `resume` lets paused ones go on to their end, `cancel` asks all to stop. */
  readonly mode: 'resume' | 'cancel'
  readonly withinMs: number
}

/** Waits until no workflow runs any more; false when some still do after the time given. */
export async function endBackfills(world: World, options: EndOptions): Promise<boolean> {
  const deadline = Date.now() + options.withinMs
  for (let look = 0; (await openWorkflows(world)).length > 0; look++) {
    if (Date.now() > deadline) return false
    // Said again now and then: a backfill may pause by itself, and a server may not have heard.
    if (look % LOOKS_PER_WORD === 0) await tellAll(world, options.mode)
    await pause(LOOK_MS)
  }
  return true
}

const LOOK_MS = 200
const LOOKS_PER_WORD = 15

async function tellAll(world: World, verb: EndOptions['mode']): Promise<void> {
  for (const id of await openBackfills(world)) {
    await world.backtide.call('POST', `/backfills/${encodeURIComponent(id)}/${verb}`, {})
  }
}

/** Ids of all workflows that run, days included. */
export async function openWorkflows({ backtide }: World): Promise<string[]> {
  const ids: string[] = []
  for await (const { workflowId } of backtide.client.workflow.list({
    query: `ExecutionStatus = 'Running'`,
  })) {
    ids.push(workflowId)
  }
  return ids
}
