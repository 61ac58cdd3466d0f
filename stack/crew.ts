import { setTimeout as delay } from 'node:timers/promises'
import type { Say } from './say.ts'
import { explainExit, type RunningProcess } from './server-process.ts'

/** Something that runs, and can be started again on the same ports and data. */
export type Start<T extends RunningProcess> = () => Promise<T>

/** Everything that was started, kept running until it is stopped. */
export interface Crew {
  /** Starts something and keeps it running: when it ends by itself it is started again. */
  start<T extends RunningProcess>(start: Start<T>): Promise<T>
  /** What runs now. */
  running(): readonly RunningProcess[]
  /** Stops everything, last started first. */
  stop(): Promise<void>
  /** Kills everything at once. */
  kill(): Promise<void>
}

const LIVED_LONG_MS = 60_000
const LONGEST_PAUSE_MS = 30_000

/** @param onChange called when something has started or ended */
export function createCrew(say: Say, onChange: () => void): Crew {
  const members = new Map<symbol, RunningProcess>()
  const stopping = new AbortController()
  const end = async (how: (member: RunningProcess) => Promise<void>) => {
    stopping.abort()
    for (const member of [...members.values()].toReversed()) await how(member)
  }
  return {
    async start(start) {
      const first = await start()
      // Stopped meanwhile: it must not stay behind.
      if (stopping.signal.aborted) await first.stop()
      const stay = { key: Symbol(first.name), start, first, members, stopping: stopping.signal }
      void keepRunning({ ...stay, say, onChange })
      return first
    },
    running: () => [...members.values()],
    stop: () => end((member) => member.stop()),
    async kill() {
      stopping.abort()
      await Promise.all([...members.values()].map((member) => member.kill()))
    },
  }
}

interface Stay {
  readonly key: symbol
  readonly start: Start<RunningProcess>
  readonly first: RunningProcess
  readonly members: Map<symbol, RunningProcess>
  readonly stopping: AbortSignal
  readonly say: Say
  readonly onChange: () => void
}

async function keepRunning(stay: Stay): Promise<void> {
  let member: RunningProcess | undefined = stay.first
  let pauseMs = 1_000
  while (true) {
    const since = Date.now()
    if (member) await watch(stay, member)
    if (stay.stopping.aborted) return
    if (Date.now() - since > LIVED_LONG_MS) pauseMs = 1_000
    stay.say(`Starting ${stay.first.name} again in ${pauseMs / 1000} s.`)
    await delay(pauseMs, undefined, { signal: stay.stopping }).catch(() => {})
    if (stay.stopping.aborted) return
    pauseMs = Math.min(2 * pauseMs, LONGEST_PAUSE_MS)
    member = await startAgain(stay)
  }
}

/** Until the member has ended; says so when nobody asked for it. */
async function watch(stay: Stay, member: RunningProcess): Promise<void> {
  stay.members.set(stay.key, member)
  stay.onChange()
  const exit = await member.exited
  stay.members.delete(stay.key)
  if (!stay.stopping.aborted) stay.say(explainExit(member, exit))
  stay.onChange()
}

async function startAgain(stay: Stay): Promise<RunningProcess | undefined> {
  try {
    const member = await stay.start()
    if (stay.stopping.aborted) await member.stop()
    else stay.say(`${member.name} is back.`)
    return member
  } catch (error) {
    stay.say(error instanceof Error ? error.message : String(error))
    return undefined
  }
}
