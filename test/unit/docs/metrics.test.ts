import { readFileSync } from 'node:fs'
import { createFlowControl } from '@backtide/activities/flow/flow-control'
import { createActivityMetrics } from '@backtide/activities/metrics'
import { createMetrics } from '@backtide/api/http/metrics'
import { addLiveMetrics } from '@backtide/worker/live/metrics'
import { addProcessMetrics } from '@backtide/worker/metrics'
import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'

const read = (name: string) =>
  readFileSync(new URL(`../../../docs/${name}`, import.meta.url), 'utf8')

const UP = { up: true }
const check = () => Promise.resolve({ ready: true, temporal: UP, questdb: UP, sources: [] })

/** A metric as it is declared; of a histogram, its labels are those that were seen. */
interface Declared {
  readonly name: string
  readonly help: string
  readonly type: string
}

/** Every metric of worker and API, those of Node.js and of Temporal's SDK left out. */
async function ours(): Promise<readonly Declared[]> {
  const worker = createActivityMetrics()
  addProcessMetrics(worker, createFlowControl({ maximum: 4 }), check)
  addLiveMetrics(worker.registry, { host: { all: () => [] }, uploader: undefined })
  const registries = [worker.registry, createMetrics({ process: true }).registry]
  const all = await Promise.all(registries.map((registry) => registry.getMetricsAsJSON()))
  return all
    .flat()
    .map(({ name, help, type }) => ({ name, help, type: String(type) }))
    .filter(({ name }) => name.startsWith('backtide_'))
}

describe('Metrics', () => {
  it('are named as Prometheus wants it: counters are totals, times seconds, sizes bytes', async () => {
    const all = await ours()
    expect(all.length).toBeGreaterThan(20)
    for (const { name, type } of all) {
      expect(name).toMatch(/^backtide_[a-z]+(_[a-z]+)*$/)
      expect([name, name.endsWith('_total')]).toEqual([name, type === 'counter'])
      expect([name, name.endsWith('_seconds')]).toEqual([name, /duration|lag/.test(name)])
      expect(name).not.toMatch(
        /_(ms|millis|milliseconds|minutes|kb|mb|count|sum|bucket|gauge)(_|$)/,
      )
    }
  })

  it('say more in their help than in their name', async () => {
    for (const { name, help } of await ours()) {
      expect([name, help.split(' ').length > 5, /[.)]$/.test(help)]).toEqual([name, true, true])
    }
  })

  it('of the same name mean the same in worker and API', async () => {
    const helps = new Map<string, string>()
    for (const { name, help } of await ours()) {
      const known = helps.get(name)
      if (name !== 'backtide_source_up') expect(known ?? help).toBe(help)
      helps.set(name, help)
    }
  })

  it('of Node.js that are gauges and called totals are left out', async () => {
    for (const { registry } of [createActivityMetrics(), createMetrics({ process: true })]) {
      const all = await registry.getMetricsAsJSON()
      const wrong = all.filter(
        ({ name, type }) => name.endsWith('_total') && String(type) !== 'counter',
      )
      expect(wrong).toEqual([])
    }
  })
})

describe('docs/operations.md', () => {
  it('has a row for each metric, with its type, and for no other', async () => {
    const rows = [...read('operations.md').matchAll(/^\| `(backtide_\w+)` +\| (\w+) /gm)]
    const documented = rows.map(([, name, type]) => `${name} ${type}`)
    const declared = (await ours()).map(({ name, type }) => `${name} ${type}`)
    expect(documented.toSorted()).toEqual([...new Set(declared)].toSorted())
  })
})

describe('docs/alerts.yml', () => {
  it('asks for metrics that there are', async () => {
    const names = (await ours()).flatMap(({ name, type }) =>
      type === 'histogram' ? [name, `${name}_bucket`, `${name}_count`, `${name}_sum`] : [name],
    )
    const { groups } = parse(read('alerts.yml')) as {
      groups: { rules: { alert: string; expr: string; annotations: { summary: string } }[] }[]
    }
    const rules = groups.flatMap((group) => group.rules)
    expect(rules.length).toBeGreaterThan(5)
    for (const { alert, expr, annotations } of rules) {
      const asked = expr.match(/\bbacktide_\w+/g) ?? []
      expect([alert, asked.filter((name) => !names.includes(name))]).toEqual([alert, []])
      expect(annotations.summary.length).toBeGreaterThan(20)
    }
  })
})
