import { monthAt } from '@backtide/core/budget'
import { addUsage, NO_USAGE } from '@backtide/core/prices'
import type { Range } from '@backtide/core/range'
import type { SpendingNote, Spent } from '@backtide/store/spending/spending'

/** What all workers spent, as far as this one knows. */
export interface Tally {
  /** Adds what this worker spends, which is on record within seconds. */
  add(spent: Spent): void
  /** From now on it is known what a backfill spent, and will. @throws StoreUnavailableError */
  watch(backfillId: string): Promise<void>
  /** Puts on record what was added, and hears what others spent. @throws StoreUnavailableError */
  settle(): Promise<void>
  /** Dollars of a backfill that is watched. */
  ofBackfill(backfillId: string): number
  /** Dollars in this UTC month. */
  ofMonth(): number
}

export interface TallyOptions {
  /** Name of this process among all workers. */
  readonly worker: string
  readonly put: (note: SpendingNote) => Promise<void>
  readonly spentIn: (range: Range) => Promise<readonly Spent[]>
  readonly spentFor: (backfillIds: readonly string[]) => Promise<readonly Spent[]>
  /** UTC milliseconds. */
  readonly now: () => number
  /** How often what was added is put on record, milliseconds. */
  readonly everyMs?: number
}

/** As long may a worker have spent what no record says. */
const EVERY_MS = 2_000

/** A tally without anything in it. What cannot be written is kept, and counts meanwhile. */
export function createTally(options: TallyOptions): Tally {
  const fresh = createFresh(options)
  let known: Known = { month: 0, backfills: new Map() }
  /** Backfills since this process began: few, as each is a workflow. */
  const watched = new Set<string>()
  let timer: NodeJS.Timeout | undefined
  let settling: Promise<void> = Promise.resolve()

  const settleLater = () => {
    timer ??= setTimeout(() => void settle().catch(() => {}), options.everyMs ?? EVERY_MS).unref()
  }
  const settleNow = async (): Promise<void> => {
    clearTimeout(timer)
    timer = undefined
    try {
      await fresh.put()
      known = await readKnown(options, watched)
      fresh.forget()
    } finally {
      if (!fresh.isEmpty()) settleLater()
    }
  }
  /** One after the other: who asks while one is under way gets the next. */
  const settle = (): Promise<void> => {
    settling = settling.catch(() => {}).then(settleNow)
    return settling
  }

  return {
    settle,
    add: (spent) => {
      fresh.add(spent)
      settleLater()
    },
    watch: async (backfillId) => {
      watched.add(backfillId)
      await settle()
    },
    ofBackfill: (id) =>
      (known.backfills.get(id) ?? 0) + fresh.sum(({ backfillId }) => backfillId === id),
    ofMonth: () => known.month + fresh.sum(() => true),
  }
}

/** What was spent here and is not known to be on record. */
function createFresh({ worker, put, now }: TallyOptions) {
  let added = new Map<string, Spent>()
  /** On its way: written again as it is, it counts once. */
  let sent: SpendingNote | undefined
  return {
    add: (spent: Spent): void => {
      const { backfillId, source } = spent
      const key = `${source} ${backfillId}`
      const before = added.get(key) ?? { backfillId, source, usd: 0, ...NO_USAGE }
      added.set(key, { ...before, ...addUsage(before, spent), usd: before.usd + spent.usd })
    },
    put: async (): Promise<void> => {
      if (!sent && added.size > 0) {
        sent = { at: now(), worker, spent: [...added.values()] }
        added = new Map()
      }
      if (sent) await put(sent)
    },
    /** What was put is known now. */
    forget: (): void => {
      sent = undefined
    },
    isEmpty: () => added.size === 0 && sent === undefined,
    sum: (isCounted: (spent: Spent) => boolean): number =>
      sumUsd([...added.values(), ...(sent?.spent ?? [])].filter(isCounted)),
  }
}

/** Dollars that are on record. */
interface Known {
  readonly month: number
  readonly backfills: ReadonlyMap<string, number>
}

async function readKnown(
  { spentIn, spentFor, now }: TallyOptions,
  backfillIds: ReadonlySet<string>,
): Promise<Known> {
  const [month, own] = await Promise.all([spentIn(monthAt(now())), spentFor([...backfillIds])])
  const backfills = new Map<string, number>()
  for (const { backfillId, usd } of own) {
    backfills.set(backfillId, (backfills.get(backfillId) ?? 0) + usd)
  }
  return { month: sumUsd(month), backfills }
}

function sumUsd(spent: readonly Spent[]): number {
  return spent.reduce((sum, { usd }) => sum + usd, 0)
}
