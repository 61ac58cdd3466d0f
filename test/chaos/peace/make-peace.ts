import type { Plan } from '../archive/plan.ts'
import { COINS } from '../archive/plan.ts'
import { LAYOUTS } from '../checker/layouts.ts'
import { readLedger } from '../checker/read.ts'
import type { WrongState } from '../checker/check.ts'
import type { World } from '../world/world.ts'
import { endBackfills, openWorkflows } from './end-backfills.ts'

/** More rounds than that mean that something never settles. */
const MAX_ROUNDS = 5

/** Ended by themselves in that time, by a cancel afterwards. */
const PATIENCE_MS = 10_000
const WITHIN_MS = 60_000

/**
 * Makes everything well again and loads everything that is not loaded: ends what runs, then starts
 * backfills over everything until the ledger does not change any more. Servers are up and the roads
 * open. Gives what does not come to an end, and then nothing can be compared; empty when all is well.
 */
export async function makePeace(
  world: World,
  plan: Plan,
  note: (what: string) => void,
): Promise<readonly WrongState[]> {
  await Promise.all(world.workers.filter(({ isUp }) => !isUp).map((worker) => worker.start()))
  note('peace: everything runs')
  if (!(await endBackfills(world, { mode: 'resume', withinMs: PATIENCE_MS }))) {
    note('peace: backfills that still run are cancelled')
    if (!(await endBackfills(world, { mode: 'cancel', withinMs: WITHIN_MS }))) return stuck(world)
  }
  note('peace: all backfills ended')
  let before = ''
  for (let round = 1; round <= MAX_ROUNDS; round++) {
    for (const reprocess of ['changed', 'incomplete'] as const) {
      if (!(await loadEverything(world, plan, reprocess))) return stuck(world)
    }
    const after = await fingerprint(world, plan)
    note(`peace: round ${round} of last backfills${after === before ? ' changed nothing' : ''}`)
    if (after === before) return []
    before = after
  }
  return [wrong('the ledger', `still changes after ${MAX_ROUNDS} rounds of last backfills`)]
}

async function loadEverything(
  world: World,
  { range }: Plan,
  reprocess: 'changed' | 'incomplete',
): Promise<boolean> {
  const [from, to] = [range.from, range.to].map((ms) => new Date(ms).toISOString())
  for (const { dataset } of LAYOUTS) {
    await world.backtide.start({ dataset, coins: COINS, from, to, reprocess, concurrency: 3 })
  }
  return await endBackfills(world, { mode: 'resume', withinMs: WITHIN_MS })
}

/** What the ledger says of everything, as one text. */
async function fingerprint({ ask }: World, { range }: Plan): Promise<string> {
  const all = []
  for (const { dataset } of LAYOUTS) {
    const entries = await readLedger(ask, dataset, { coins: COINS, range })
    all.push(entries.map(({ object, state, etag, rows }) => [object, state, etag, rows]))
  }
  return JSON.stringify(all)
}

async function stuck(world: World): Promise<readonly WrongState[]> {
  const ids = await openWorkflows(world)
  return await Promise.all(
    ids.map(async (id) => {
      const { raw } = await world.backtide.client.workflow.getHandle(id).describe()
      const [activity] = raw.pendingActivities ?? []
      const last = activity?.lastFailure?.message ?? 'no failure'
      const attempt = activity ? ` at attempt ${activity.attempt}, after: ${last}` : ''
      return wrong(id, `does not end within ${WITHIN_MS / 1000} s of peace${attempt}`)
    }),
  )
}

function wrong(object: string, what: string): WrongState {
  return { dataset: '-', object, wrong: what }
}
