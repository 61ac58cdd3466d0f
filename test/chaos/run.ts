import type { ServerPrograms } from '@backtide/stack/acquire/programs'
import { COINS, planArchive, type Plan } from './archive/plan.ts'
import { checkEverything, type CheckResult } from './checker/check.ts'
import { describeDifferences } from './checker/report.ts'
import { makePeace } from './peace/make-peace.ts'
import { createRandom } from './random.ts'
import { fillArchive } from './weather/objects.ts'
import type { Scene } from './weather/action.ts'
import { letItStorm } from './weather/weather.ts'
import { openWorld, type World } from './world/world.ts'

export interface ChaosOptions {
  readonly seed: number
  /** How long things happen. */
  readonly stormMs: number
  readonly programs: ServerPrograms
  readonly say: (line: string) => void
  /** Ends the run early; what was started is ended. */
  readonly signal: AbortSignal
}

/** What a run came to; its last line of output. */
export interface ChaosSummary {
  readonly seed: number
  readonly minutes: number
  /** Processes that were killed. */
  readonly kills: number
  /** Rows compared. */
  readonly rows: number
  readonly wrongRows: number
  readonly wrongStates: number
}

/**
 * Storm, peace, comparison, over servers of its own. Differences are said.
 * @throws when the harness cannot do its work, or was told to stop
 */
export async function runChaos(options: ChaosOptions): Promise<ChaosSummary> {
  const { seed, stormMs, programs, signal } = options
  const note = noteWithTime(options.say)
  note(`seed ${seed}, ${stormMs / 1000} s of chaos`)
  const plan = planArchive(Date.now())
  const random = createRandom(seed)
  await using world = await openWorld(programs, plan.places)
  let kills = 0
  const scene: Scene = { world, plan, random, note, killed: () => void (kills += 1) }
  const objects = await fillArchive(world, random.fork('archive'))
  await startFirst(world.workers)
  note(`everything is up, ${objects} objects in the archive`)
  await letItStorm(scene, stormMs, signal)
  signal.throwIfAborted()
  note(`the storm is over: ${await transitions(world)} transitions in the ledger`)
  const stuck = await makePeace(world, plan, note)
  const result = stuck.length > 0 ? nothingCompared(stuck) : await compare(world, plan)
  for (const line of describeDifferences(result)) note(line)
  return {
    seed,
    minutes: stormMs / 60_000,
    kills,
    rows: result.rows,
    wrongRows: result.wrongRows.length,
    wrongStates: result.wrongStates.length,
  }
}

/** How much work was done, object by object. */
async function transitions({ ask }: World): Promise<number> {
  const there = await ask(`SELECT table_name FROM tables() WHERE table_name = 'ledger_log'`)
  if (there.length === 0) return 0
  const [row] = await ask('SELECT count() FROM ledger_log')
  return Number(row?.[0])
}

function compare({ ask, archive: history }: World, { range }: Plan): Promise<CheckResult> {
  return checkEverything({ ask, history, scope: { coins: COINS, range }, now: Date.now() })
}

function nothingCompared(wrongStates: CheckResult['wrongStates']): CheckResult {
  return { rows: 0, wrongRows: [], wrongStates, unsettledRows: 0 }
}

/** The others come up meanwhile; what becomes of them is seen when peace is made. */
async function startFirst([first, ...others]: World['workers']): Promise<void> {
  await first?.start()
  for (const worker of others) void worker.start().catch(() => {})
}

function noteWithTime(say: (line: string) => void): (what: string) => void {
  const start = Date.now()
  return (what) => say(`${((Date.now() - start) / 1000).toFixed(1).padStart(6)} s  ${what}`)
}
