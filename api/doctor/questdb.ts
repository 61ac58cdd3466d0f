import { compareClocks, type Finding } from '@backtide/core/finding'
import type { QuestDbFacts, SuspendedTable } from '@backtide/store/facts'
import type { Deps } from '../deps.ts'

/** The oldest that Backtide was tried with. */
const LEAST = [9, 3]

/** More transactions to apply than this are minutes of work. */
const MUCH = 1_000

/** QuestDB: version, clock, settings, what it does not apply. */
export async function examineQuestDb({
  store,
  now,
}: Pick<Deps, 'store' | 'now'>): Promise<readonly Finding[]> {
  const before = now()
  const facts = await store.facts()
  return [
    describeVersion(facts),
    compareClocks('clock of QuestDB', { theirs: facts.now, before, after: now() }),
    ...describeSettings(facts),
    ...(facts.suspended.length === 0
      ? [{ check: 'tables', state: 'ok' as const, detail: 'none is suspended' }]
      : facts.suspended.map(describeSuspended)),
    ...describeLag(facts),
  ]
}

function describeVersion({ build }: QuestDbFacts): Finding {
  const version = /QuestDB (\d+)\.(\d+)(?:\.\d+)?/.exec(build)
  if (!version) return { check: 'version', state: 'unknown', detail: build }
  const [detail, major, minor] = [version[0], Number(version[1]), Number(version[2])]
  const [least = 0, leastMinor = 0] = LEAST
  if (major > least || (major === least && minor >= leastMinor)) {
    return { check: 'version', state: 'ok', detail }
  }
  const fix = `update QuestDB to ${LEAST.join('.')} or newer`
  return { check: 'version', state: 'down', detail: `${detail} is too old`, fix }
}

/** Settings that Backtide cannot work with, and why. */
const NEEDED: readonly (readonly [name: string, not: string, why: string])[] = [
  ['readonly', 'true', 'nothing can be written'],
  ['http.security.readonly', 'true', 'nothing can be written over HTTP'],
  ['cairo.wal.supported', 'false', 'no table can take rows of several writers'],
  ['cairo.wal.apply.enabled', 'false', 'nothing that is written is ever applied'],
]

function describeSettings({ settings }: QuestDbFacts): readonly Finding[] {
  const check = 'settings'
  if (settings.size === 0) {
    const fix = 'give the login the right to SHOW PARAMETERS, or look at server.conf'
    return [{ check, state: 'unknown', detail: 'they may not be read', fix }]
  }
  const wrong = NEEDED.filter(([name, not]) => settings.get(name) === not)
  if (wrong.length === 0) return [{ check, state: 'ok', detail: 'as Backtide needs them' }]
  return wrong.map(([name, not, why]) => ({
    check,
    state: 'down',
    detail: `${name}=${not}: ${why}`,
    fix: `set ${name} otherwise in server.conf, and start QuestDB again`,
  }))
}

function describeSuspended({ table, error, transaction }: SuspendedTable): Finding {
  const why = error === '' ? '' : ` (${error})`
  return {
    check: 'tables',
    state: 'down',
    detail: `${table} is suspended at transaction ${transaction}${why}: nothing is sent to it`,
    fix: `mend the cause, then ALTER TABLE "${table}" RESUME WAL`,
  }
}

function describeLag({ behind }: QuestDbFacts): readonly Finding[] {
  if (!behind || behind.transactions < MUCH) return []
  const detail = `${behind.table} has ${behind.transactions} transactions to apply`
  const fix = 'loads slow down by themselves; look at the disk of QuestDB if it does not fall'
  return [{ check: 'tables', state: 'warning', detail, fix }]
}
