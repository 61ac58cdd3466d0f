import { CHECK_MS, examine, type Finding } from '@backtide/core/finding'
import { PRICES_OF } from '@backtide/core/prices'
import { DAY_MS } from '@backtide/core/range'
import { VERSION } from '@backtide/core/version'
import type { Deps } from '../deps.ts'
import { examineQuestDbProcess } from './questdb-process.ts'
import { examineQuestDb } from './questdb.ts'
import { examineTemporal } from './temporal.ts'
import { examineWorkers } from './workers.ts'

/** What an examination found; `ok` unless something is down. */
export interface Examination {
  readonly ok: boolean
  readonly groups: readonly { readonly group: string; readonly findings: readonly Finding[] }[]
}

/** An answer holds for so long, milliseconds: examinations ask others, some of whom charge for it. */
const FRESH_MS = 5_000

/** All checks at once, each with a deadline; the same for all who ask within some seconds. Never rejects. */
export function createExamination(deps: Deps): () => Promise<Examination> {
  let last: { readonly at: number; readonly answer: Promise<Examination> } | undefined
  return () => {
    if (!last || performance.now() - last.at > FRESH_MS) {
      last = { at: performance.now(), answer: examineAll(deps) }
    }
    return last.answer
  }
}

async function examineAll(deps: Deps): Promise<Examination> {
  const { questdb } = deps.settings
  const [temporal, database, machine, workers] = await Promise.all([
    examine('connection', () => examineTemporal(deps), {
      state: 'down',
      fix: 'look at the process of Temporal; check TEMPORAL_ADDRESS and TEMPORAL_NAMESPACE',
    }),
    examine('connection', () => examineQuestDb(deps), {
      state: 'down',
      fix: 'look at the process of QuestDB and its log; check QDB_CLIENT_CONF',
    }),
    examine('process', () => examineQuestDbProcess(questdb ? new URL(questdb) : undefined)),
    examine('workers', () => examineWorkers(deps), {
      state: 'unknown',
      withinMs: 4 * CHECK_MS,
    }),
  ])
  const api: Finding[] = [
    { check: 'version', state: 'ok', detail: `Backtide ${VERSION}, Node ${process.version}` },
    examinePrices(deps.now()),
  ]
  const groups = [
    { group: 'API', findings: api },
    { group: 'Temporal', findings: temporal },
    { group: 'QuestDB', findings: [...database, ...machine] },
    { group: 'workers', findings: workers },
  ]
  const ok = groups.every(({ findings }) => findings.every(({ state }) => state !== 'down'))
  return { ok, groups }
}

/** Prices that are older may have changed, milliseconds. */
const OLD_PRICES = 365 * DAY_MS

function examinePrices(now: number): Finding {
  const detail = `list prices of S3 are of ${PRICES_OF}`
  if (now - Date.parse(PRICES_OF) < OLD_PRICES) return { check: 'prices', state: 'ok', detail }
  const fix = 'update Backtide, or set the prices of its sources (backtide config show)'
  return { check: 'prices', state: 'warning', detail: `${detail}, more than a year ago`, fix }
}
