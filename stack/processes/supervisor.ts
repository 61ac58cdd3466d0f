import { setTimeout as delay } from 'node:timers/promises'
import { sayIfSlow, type Say } from '../say.ts'
import { explainExit, type RunningProcess } from './server-process.ts'

/** Something that runs, and can be started again on the same ports and data. */
export type Start<T extends RunningProcess> = () => Promise<T>

/** Everything that was started, kept running until it is stopped. */
export interface Supervisor {
  /** Starts something and keeps it running: when it ends by itself it is started again. */
  start<T extends RunningProcess>(start: Start<T>): Promise<T>
  /** What runs now. */
  running(): readonly RunningProcess[]
  /** Stops everything, last started first, and says what it waits for. */
  stop(): Promise<void>
  /** Kills everything at once. */
  kill(): Promise<void>
}

const LIVED_LONG_MS = 60_000
const LONGEST_PAUSE_MS = 30_000

/** @param onChange called when something has started or ended */
export function createSupervisor(say: Say, onChange: () => void): Supervisor {
  const children = new Map<symbol, RunningProcess>()
  const stopping = new AbortController()
  return {
    async start(start) {
      const first = await start()
      // Stopped meanwhile: it must not stay behind.
      if (stopping.signal.aborted) await first.stop()
      const post = { key: Symbol(first.name), start, first, children, stopping: stopping.signal }
      void keepRunning({ ...post, say, onChange })
      return first
    },
    running: () => [...children.values()],
    async stop() {
      stopping.abort()
      for (const child of [...children.values()].toReversed()) {
        await sayIfSlow(say, `${child.name} to end`, child.stop())
      }
    },
    async kill() {
      stopping.abort()
      await Promise.all([...children.values()].map((child) => child.kill()))
    },
  }
}

/** A child's place: it stays when the child is replaced. */
interface Post {
  readonly key: symbol
  readonly start: Start<RunningProcess>
  readonly first: RunningProcess
  readonly children: Map<symbol, RunningProcess>
  readonly stopping: AbortSignal
  readonly say: Say
  readonly onChange: () => void
}

async function keepRunning(post: Post): Promise<void> {
  let child: RunningProcess | undefined = post.first
  let pauseMs = 1_000
  while (true) {
    const since = Date.now()
    if (child) await watch(post, child)
    if (post.stopping.aborted) return
    if (Date.now() - since > LIVED_LONG_MS) pauseMs = 1_000
    post.say(`Starting ${post.first.name} again in ${pauseMs / 1000} s.`)
    await delay(pauseMs, undefined, { signal: post.stopping }).catch(() => {})
    if (post.stopping.aborted) return
    pauseMs = Math.min(2 * pauseMs, LONGEST_PAUSE_MS)
    child = await startAgain(post)
  }
}

/** Until the child has ended; says so when nobody asked for it. */
async function watch(post: Post, child: RunningProcess): Promise<void> {
  post.children.set(post.key, child)
  post.onChange()
  const exit = await child.exited
  post.children.delete(post.key)
  if (!post.stopping.aborted) post.say(explainExit(child, exit))
  post.onChange()
}

async function startAgain(post: Post): Promise<RunningProcess | undefined> {
  try {
    const child = await post.start()
    if (post.stopping.aborted) await child.stop()
    else post.say(`${child.name} is back.`)
    return child
  } catch (error) {
    post.say(error instanceof Error ? error.message : String(error))
    return undefined
  }
}
