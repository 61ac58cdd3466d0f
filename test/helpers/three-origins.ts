import type { PickSource } from '@backtide/core/picks'
import { DAY_MS, HOUR_MS } from '@backtide/core/range'
import type { ObjectState } from '@backtide/core/state'
import { TRADES } from '@backtide/datasets/unified/trades'
import { NOTHING_KNOWN } from '@backtide/store/ledger/ledger-row'
import { writeLedger } from '@backtide/store/ledger/write-ledger'
import { settlePicks } from '@backtide/store/picks/settle-picks'
import fc from 'fast-check'
import type { SteeredQuestDb } from './own-questdb.ts'

/** Trades of a venue of three origins over two days, and what of them was loaded, reset and dropped. */
export interface ThreeOrigins {
  /** Writes rows, ledger and picks of some partitions, as a load of the `source`-th origin does. */
  take(step: Step, source: number): Promise<void>
  /** Minute and origin of the trades that readers see of a symbol. */
  shown(symbol: string): Promise<readonly unknown[]>
  /** What they are to see: the obvious reading, row by row. */
  wanted(symbol: string): readonly unknown[]
}

/** What becomes of some hours of a symbol. */
export interface Step {
  readonly hour: number
  readonly length: number
  readonly symbol: string
  readonly state: ObjectState
}

export const STEPS: fc.Arbitrary<Step> = fc.record({
  hour: fc.nat(47),
  length: fc.integer({ min: 1, max: 30 }),
  symbol: fc.constantFrom('A', 'B'),
  state: fc.constantFrom<ObjectState[]>(
    'complete',
    'complete_empty',
    'degraded',
    'missing',
    'corrupt',
    'reset',
  ),
})

const DAY = Date.UTC(2024, 0, 10)
const HOURS = Array.from({ length: 48 }, (_, hour) => hour)
/** Of each hour there are two trades. */
const MINUTES = [10, 50]
const SOURCES: readonly PickSource[] = [
  { ...sourceOf('archive', HOUR_MS), reachMs: 30 * 60_000 },
  sourceOf('rest', DAY_MS),
  sourceOf('capture', HOUR_MS),
]

function sourceOf(origin: string, partitionMs: number): PickSource {
  const dataset = `venue.${origin}`
  const constants = { exchange: 'venue' }
  return { dataset, origin, constants, partitionMs, reachMs: 0, objects: () => 1 }
}

export function openThreeOrigins({ db, run, rows }: SteeredQuestDb): ThreeOrigins {
  const known = new Map<string, ObjectState>()
  const stored = new Set<string>()
  return {
    take: async (step, at) => {
      const source = SOURCES[at] as PickSource
      const hours = hoursOf(step, source)
      const [first = 0, last = 0] = [hours[0], hours.at(-1)]
      const range = { from: DAY + first * HOUR_MS, to: DAY + (last + 1) * HOUR_MS }
      const where = { exchange: ['venue'], symbol: [step.symbol] }
      const asked = { table: TRADES, sources: SOURCES, range, where }
      await settlePicks(db, { ...asked, coming: source.origin })
      const hasRows = ['complete', 'degraded', 'corrupt'].includes(step.state)
      for (const hour of hours) {
        const key = `${source.origin} ${step.symbol} ${hour}`
        if (hasRows) stored.add(key)
        known.set(key, step.state)
      }
      if (hasRows) await run(insertOf(step, source, hours))
      await writeLedger(db, ledgerOf(step, source, hours))
      await settlePicks(db, asked)
    },
    shown: async (symbol) => {
      const found = await rows(
        `SELECT ts, origin FROM trades WHERE exchange = 'venue' AND symbol = '${symbol}' ORDER BY ts`,
      )
      return found.map(([ts, origin]) => [(Date.parse(String(ts)) - DAY) / 60_000, origin])
    },
    wanted: (symbol) =>
      HOURS.flatMap((hour) =>
        MINUTES.flatMap((past) => {
          const minute = hour * 60 + past
          const worth = (origin: string) => worthOf(origin, symbol, minute, { known, stored })
          const origins = SOURCES.map(({ origin }) => origin)
          const best = origins.toSorted((a, b) => worth(b) - worth(a))[0] ?? ''
          return stored.has(`${best} ${symbol} ${hour}`) ? [[minute, best]] : []
        }),
      ),
  }
}

interface Facts {
  readonly known: ReadonlyMap<string, ObjectState>
  readonly stored: ReadonlySet<string>
}

function worthOf(origin: string, symbol: string, minute: number, { known, stored }: Facts): number {
  const keyAt = (at: number) => `${origin} ${symbol} ${Math.floor(at / 60)}`
  const isSettled = (at: number) =>
    ['complete', 'complete_empty'].includes(known.get(keyAt(at)) ?? '')
  const near = origin === 'archive' ? [minute - 30, minute + 30] : []
  if (isSettled(minute)) return near.every(isSettled) ? 4 : 3
  if (known.get(keyAt(minute)) === 'degraded') return 2
  return stored.has(keyAt(minute)) ? 1 : 0
}

/** Hours of whole partitions. */
function hoursOf({ hour, length }: Step, { partitionMs }: PickSource): readonly number[] {
  const size = partitionMs / HOUR_MS
  const first = Math.floor(hour / size) * size
  const end = first + Math.ceil(length / size) * size
  return HOURS.filter((one) => one >= first && one < end)
}

function insertOf({ symbol }: Step, { origin }: PickSource, hours: readonly number[]): string {
  const values = hours.flatMap((hour) =>
    MINUTES.map((minute) => {
      const ts = new Date(DAY + hour * HOUR_MS + minute * 60_000).toISOString()
      return `('${ts}', 'venue', 'perp', '${symbol}', '${origin}', '${minute}', 'buy', 1.0, 1.0, NULL, 0, 0)`
    }),
  )
  return `INSERT INTO trades_all VALUES ${values.join(', ')}`
}

function ledgerOf({ symbol, state }: Step, source: PickSource, hours: readonly number[]) {
  const { dataset, partitionMs } = source
  return hours
    .filter((hour) => (hour * HOUR_MS) % partitionMs === 0)
    .map((hour) => ({
      ...NOTHING_KNOWN,
      partition: DAY + hour * HOUR_MS,
      dataset,
      object: `${dataset}/${symbol}/${hour}`,
      symbol,
      state,
      reason: '',
      backfillId: 'b',
      decoderVersion: 1,
      epoch: 0,
      checkedAt: Date.now(),
    }))
}
