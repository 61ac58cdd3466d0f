import type { Finding } from '@backtide/core/finding'
import type { Deps } from '../deps.ts'
import type { TemporalFacts } from '../temporal/runs.ts'

/** Temporal: version, namespace, retention, search attributes. */
export async function examineTemporal({
  runs,
  settings: { namespace },
}: Pick<Deps, 'runs' | 'settings'>): Promise<readonly Finding[]> {
  const facts = await runs.facts()
  return [
    { check: 'version', state: 'ok', detail: `server ${facts.version}` },
    describeRetention(facts, namespace),
    describeAttributes(facts, namespace),
  ]
}

/** What ended is needed that long, to find out how, milliseconds. */
const SHORT = 86_400_000

function describeRetention({ retentionMs }: TemporalFacts, namespace: string): Finding {
  const days = Math.round(retentionMs / 8_640_000) / 10
  const detail = `${namespace} keeps what has ended for ${days} days`
  if (retentionMs >= SHORT) return { check: 'namespace', state: 'ok', detail }
  const fix = `temporal operator namespace update --namespace ${namespace} --retention 72h`
  return { check: 'namespace', state: 'warning', detail, fix }
}

function describeAttributes({ missing }: TemporalFacts, namespace: string): Finding {
  const check = 'search attributes'
  if (missing.length === 0) return { check, state: 'ok', detail: 'all of Backtide are registered' }
  const names = missing.join(', ')
  const detail = `${names} are not registered: backfills run, and are not found by them`
  const fix = `let the API register them, or temporal operator search-attribute create --namespace ${namespace} --name ${missing[0]} …`
  return { check, state: 'warning', detail, fix }
}
