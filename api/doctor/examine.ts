import { CHECK_MS, examine, type Finding } from '@backtide/core/finding'
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
