import type {
  FailureInput,
  FinishInput,
  LoadInput,
  LoadResult,
  PlanInput,
} from '@backtide/core/backfill'
import type { RefreshInput, RefreshNote, RefreshResult } from '@backtide/core/derived'
import type { Activities } from '@backtide/activities/contract'
import type { TurnPart } from '@backtide/core/follow'
import { countDays, dayAt, partitionsOf } from '@backtide/core/partition'
import { HOUR_MS } from '@backtide/core/range'
import type { Range } from '@backtide/core/range'
import { Context, heartbeat } from '@temporalio/activity'
import type { Stop } from '@backtide/core/budget'
import { addCounts, gapCount } from '@backtide/core/state'
import type { ObjectState, StateCounts } from '@backtide/core/state'

/** What the activities stand for, in memory: a ledger of partitions, and a record of what was done. */
export interface FakeWorld {
  /** Starts of the partitions loaded, in the order their loads ended. */
  readonly loaded: number[]
  /** Every load begun, in order. */
  readonly loads: LoadInput[]
  readonly plans: PlanInput[]
  readonly failures: FailureInput[]
  readonly finishes: FinishInput[]
  /** What was asked to be derived, by loads. */
  readonly notes: RefreshNote[]
  readonly refreshes: RefreshInput[]
  /** State of each partition by its start; a partition stands for all its objects. */
  readonly ledger: Map<number, ObjectState>
  /** Most loads that ever ran at once. */
  mostAtOnce: number
  readonly activities: Activities
}

/** What a test may put in the place of what the activities do by themselves. */
export interface FakeBehaviour {
  /** Runs before a load; may wait, or throw what the load is to fail with. */
  readonly beforeLoad?: (input: LoadInput) => Promise<void>
  /** Partitions a load takes, whatever it was allowed to. */
  readonly partitionsPerLoad?: number
  /** Where a load says that it ended, UTC milliseconds. */
  readonly untilOf?: (input: LoadInput) => number
  /** Why a load begins nothing. */
  readonly stop?: (input: LoadInput) => Stop | undefined
  readonly preflight?: () => Promise<void>
  /** What the preflight finds odd. */
  readonly warnings?: readonly string[]
  readonly beforePlan?: (input: PlanInput) => Promise<void>
  readonly beforeRecord?: (input: FailureInput) => Promise<void>
  readonly beforeFinish?: () => Promise<void>
  /** What a turn of what is followed finds due. */
  readonly turnParts?: () => readonly TurnPart[]
  /** Loads that run at once. */
  readonly loadsAtOnce?: number
  readonly beforeNote?: (input: RefreshNote) => Promise<void>
  readonly refresh?: (input: RefreshInput) => Promise<RefreshResult>
  readonly requestCancel?: (backfillId: string) => Promise<void>
}

/** Activities that load nothing, and a ledger that says what they would have loaded. */
export function createFakeWorld(behaviour: FakeBehaviour = {}): FakeWorld {
  const world = {
    loaded: [],
    loads: [],
    plans: [],
    failures: [],
    finishes: [],
    notes: [],
    refreshes: [],
    ledger: new Map<number, ObjectState>(),
    mostAtOnce: 0,
  }
  return Object.assign(world, { activities: fakeActivities(world, behaviour) })
}

type World = Omit<FakeWorld, 'activities'>

function fakeActivities(world: World, behaviour: FakeBehaviour): Activities {
  return {
    preflight: async () => {
      await behaviour.preflight?.()
      return { warnings: behaviour.warnings ?? [] }
    },
    planDays: async (input) => {
      world.plans.push(input)
      await behaviour.beforePlan?.(input)
      return { days: openDays(world, input) }
    },
    recordFailure: async (input) => {
      await behaviour.beforeRecord?.(input)
      world.failures.push(input)
      return { counts: settle(world, input.partitions, 'failed') }
    },
    requestCancel: async ({ backfillId }) => await behaviour.requestCancel?.(backfillId),
    finish: async (input) => {
      await behaviour.beforeFinish?.()
      world.finishes.push(input)
      const counts = countAll(world)
      const { outcome, reason } = input
      const finished = gapCount(counts) > 0 ? 'incomplete' : 'complete'
      return {
        outcome: outcome === 'finished' ? finished : outcome,
        counts,
        rows: world.ledger.size,
        ...(reason !== undefined && { reason }),
      }
    },
    requestRefresh: async (input) => {
      await behaviour.beforeNote?.(input)
      world.notes.push(input)
    },
    refreshDerived: async (input) => {
      world.refreshes.push(input)
      return (await behaviour.refresh?.(input)) ?? { days: 1 }
    },
    planAdoption: () => Promise.resolve({ from: 0, to: 0, keptAs: '' }),
    adoptDays: ({ to }) => Promise.resolve({ until: to, rows: 0, duplicates: 0, objects: 0 }),
    finishAdoption: () => Promise.resolve(),
    planTurn: async () => ({ parts: behaviour.turnParts?.() ?? [] }),
    drawPlan: () => Promise.reject(new Error('nobody plans here')),
    syncInstruments: () => Promise.resolve({ instruments: 0, dated: 0 }),
    probeObject: () => Promise.resolve({ reason: 'nothing is there' }),
    lookAround: () => Promise.resolve([]),
    loadPartitions: createLoad(world, behaviour),
  }
}

function createLoad(world: World, behaviour: FakeBehaviour): Activities['loadPartitions'] {
  let running = 0
  return async (input): Promise<LoadResult> => {
    world.loads.push(input)
    running += 1
    world.mostAtOnce = Math.max(world.mostAtOnce, running)
    try {
      if (behaviour.beforeLoad) await cancellable(behaviour.beforeLoad(input))
    } finally {
      running -= 1
    }
    const stopped = behaviour.stop?.(input)
    if (stopped) return { counts: {}, rows: 0, until: input.partitions.from, stopped }
    const taken = takenBy(input, behaviour.partitionsPerLoad)
    const counts = settle(world, taken, 'complete')
    return { counts, rows: counts.complete ?? 0, until: behaviour.untilOf?.(input) ?? taken.to }
  }
}

/** The hours that a load takes of those it may take: as many as its objects allow, at least one. */
export function takenBy(
  { partitions, objects, symbols }: LoadInput,
  most = Math.floor(objects / symbols.length),
): Range {
  const to = partitions.from + Math.max(1, most) * HOUR_MS
  return { from: partitions.from, to: Math.min(partitions.to, to) }
}

/** A cancel reaches an activity in answer to its heartbeats. */
async function cancellable(work: Promise<void>): Promise<void> {
  const beat = setInterval(() => heartbeat(), 50)
  try {
    await Promise.race([work, Context.current().cancelled])
  } finally {
    clearInterval(beat)
  }
}

function openDays(world: World, input: PlanInput): readonly Range[] {
  return Array.from({ length: countDays(input.range) }, (_, index) =>
    dayAt(input.range, 'oldest-first', index),
  ).filter((day) => startsOf(day).some((start) => !isSettled(world, start)))
}

function settle(world: World, partitions: Range, state: ObjectState): StateCounts {
  const open = startsOf(partitions).filter((start) => !isSettled(world, start))
  for (const start of open) {
    world.ledger.set(start, state)
    if (state === 'complete') world.loaded.push(start)
  }
  return open.length > 0 ? { [state]: open.length } : {}
}

function startsOf(range: Range): readonly number[] {
  return partitionsOf(range, 'hour')
}

function isSettled(world: World, start: number): boolean {
  return (world.ledger.get(start) ?? 'failed') !== 'failed'
}

function countAll(world: World): StateCounts {
  return [...world.ledger.values()].reduce<StateCounts>(
    (sum, state) => addCounts(sum, { [state]: 1 }),
    {},
  )
}
