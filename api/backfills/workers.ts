import { LOAD_ACTIVITY } from '@backtide/core/ids'
import type { KnownWorker, SourceState } from '@backtide/store/workers/worker-record'
import type { Deps } from '../deps.ts'
import type { PendingActivity, Pollers } from '../temporal/runs.ts'

/** A load that is due for longer finds nobody who would take it, in milliseconds. */
const OVERDUE = 10_000

/** Running days that are looked at to find out whether anybody loads, at most. */
const MOST_DAYS = 64

export const NO_WORKER =
  'no worker is running: nothing is loaded until one is started (npm start, or backtide up)'
const NO_LOADS = 'no worker takes loads: start one that polls the load queue'

/** Who works now. */
export interface Workers {
  readonly count: number
  /** Somebody takes workflows and short activities. */
  readonly control: boolean
  /** Sources as they answer those who are alive; none where no worker has said anything. */
  readonly sources: readonly SourceState[]
  /** What is missing, in sentences. */
  readonly warnings: readonly string[]
}

/** `store` is left out by those who are not to wait for QuestDB. */
type Needs = Pick<Deps, 'runs' | 'now'> & Partial<Pick<Deps, 'store' | 'settings'>>

/**
 * Finds out who works. To Temporal a worker whose places are all taken does not poll, and one that was
 * killed counts as polling for a minute. So workers keep a record, which goes stale within seconds
 * (store/workers); of those that keep none the loads are asked: one is at work only as long as its worker
 * is heard of, and none stays due while somebody has room for it. `own` are loads known already.
 * @throws TemporalUnavailableError
 */
export async function askWorkers(
  { runs, now, store, settings }: Needs,
  own: readonly PendingActivity[] = [],
): Promise<Workers> {
  const told = settings && store?.listWorkers(settings.namespace).catch(() => [])
  const [polling, known = []] = await Promise.all([runs.pollers(), told])
  const pollers = correct(polling, known)
  const loads = own.filter(isLoad)
  const overdue = loads.some(({ dueAt }) => dueAt !== undefined && now() - dueAt > OVERDUE)
  const polled = pollers.load.length > 0
  const takesLoads = allTold(polling, known)
    ? polled
    : (polled && !overdue) || loads.some(({ atWork }) => atWork) || (await somebodyLoads({ runs }))
  const live = new Set([...pollers.control, ...pollers.load])
  // Whoever would take loads and does not is gone, with all else that it did.
  if (!takesLoads) for (const gone of pollers.load) live.delete(gone)
  const control = pollers.control.some((identity) => live.has(identity))
  const warnings = control ? (takesLoads ? [] : [NO_LOADS]) : [NO_WORKER]
  return { count: live.size, control, sources: sourcesOf(known), warnings }
}

/** Who polls, without those whose record went stale, and with those whose record is fresh. */
function correct({ control, load }: Pollers, known: readonly KnownWorker[]): Pollers {
  const alive = known.filter((one) => one.alive)
  const here = new Set(alive.map(({ worker }) => worker))
  const gone = new Set(known.map(({ worker }) => worker).filter((worker) => !here.has(worker)))
  const these = (role: string, polling: readonly string[]) => [
    ...new Set([
      ...polling.filter((worker) => !gone.has(worker)),
      ...alive.filter(({ roles }) => roles.includes(role)).map(({ worker }) => worker),
    ]),
  ]
  return { control: these('control', control), load: these('load', load) }
}

/** Whether all who poll keep a record: then nothing else has to be asked. */
function allTold({ control, load }: Pollers, known: readonly KnownWorker[]): boolean {
  const told = new Set(known.map(({ worker }) => worker))
  return told.size > 0 && [...control, ...load].every((worker) => told.has(worker))
}

/** A source is up when it answers anybody. */
function sourcesOf(known: readonly KnownWorker[]): readonly SourceState[] {
  const found = new Map<string, SourceState>()
  for (const source of known.filter(({ alive }) => alive).flatMap(({ sources }) => sources)) {
    if (found.get(source.name)?.up !== true) found.set(source.name, source)
  }
  return [...found.values()]
}

async function somebodyLoads({ runs }: Pick<Deps, 'runs'>): Promise<boolean> {
  const days = (await runs.loadsOf()).slice(0, MOST_DAYS)
  const all = await runs.activities(days)
  return [...all.values()].flat().some((one) => isLoad(one) && one.atWork)
}

function isLoad({ type }: PendingActivity): boolean {
  return type === LOAD_ACTIVITY
}
