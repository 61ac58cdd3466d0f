import { keyOf, type History } from '../archive/history.ts'
import { askedFor } from '../archive/plan.ts'
import type { Place } from '../archive/lines.ts'
import { settleClaims } from './claims.ts'
import { compareRows, type RowDifference } from './compare-rows.ts'
import { expectRows } from './expect.ts'
import { judgeEntry, type EntryVerdict } from './judge-entry.ts'
import { LAYOUTS, type Layout } from './layouts.ts'
import { readLedger, readRows, type Ask, type Scope } from './read.ts'

/** What a comparison of everything came to. */
export interface CheckResult {
  /** Rows found in the views. */
  readonly rows: number
  readonly wrongRows: readonly WrongRow[]
  readonly wrongStates: readonly WrongState[]
  /** Rows that differ, of objects whose ledger row says so. */
  readonly unsettledRows: number
}

export interface WrongRow extends RowDifference {
  readonly dataset: string
}

export interface WrongState {
  readonly dataset: string
  readonly object: string
  readonly wrong: string
}

export interface CheckInput {
  readonly ask: Ask
  readonly history: History
  readonly scope: Scope
  /** UTC milliseconds. */
  readonly now: number
}

/** Compares every row and every ledger row of a scope with what the archive holds and held. */
export async function checkEverything(input: CheckInput): Promise<CheckResult> {
  const results: CheckResult[] = []
  for (const layout of LAYOUTS) results.push(await checkLayout(input, layout))
  return {
    rows: results.reduce((sum, { rows }) => sum + rows, 0),
    wrongRows: results.flatMap(({ wrongRows }) => wrongRows),
    wrongStates: results.flatMap(({ wrongStates }) => wrongStates),
    unsettledRows: results.reduce((sum, { unsettledRows }) => sum + unsettledRows, 0),
  }
}

async function checkLayout(input: CheckInput, layout: Layout): Promise<CheckResult> {
  const { dataset } = layout
  const verdicts = await judgeLedger(input, layout)
  const wrongStates = verdicts.flatMap(([place, { wrong }]) =>
    wrong === undefined ? [] : [{ dataset, object: keyOf(place), wrong }],
  )
  const wrongRows: WrongRow[] = []
  let rows = 0
  let unsettledRows = 0
  for (const coin of input.scope.coins) {
    const own = verdicts.filter(([place]) => place.coin === coin)
    const versions = own.flatMap(([, { version }]) => version ?? [])
    const found = await readRows(input.ask, layout, coin, input.scope.range)
    rows += found.length
    const { excused, left, unfounded } = settleClaims(
      compareRows(expectRows(versions, layout), found),
      own,
    )
    unsettledRows += excused.length
    wrongRows.push(...left.map((difference) => ({ dataset, ...difference })))
    wrongStates.push(...unfounded.map((state) => ({ dataset, ...state })))
  }
  return { rows, wrongRows, wrongStates, unsettledRows }
}

async function judgeLedger(
  { ask, history, scope, now }: CheckInput,
  layout: Layout,
): Promise<readonly (readonly [Place, EntryVerdict])[]> {
  const entries = await readLedger(ask, layout.dataset, scope)
  const byObject = new Map(entries.map((entry) => [entry.object, entry]))
  return askedFor(scope.range, scope.coins).map((place) => {
    const entry = byObject.get(keyOf(place))
    return [place, judgeEntry(place, entry, layout, { history, now })]
  })
}
