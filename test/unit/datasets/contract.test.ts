import { existsSync, readdirSync } from 'node:fs'
import { seriesOf } from '@backtide/core/series'
import type { Dataset } from '@backtide/datasets/dataset'
import { registry } from '@backtide/datasets/registry'
import { describe, expect, it } from 'vitest'
import { testDataset } from '../../contract/dataset.ts'
import { FIXTURES, fixturesOf } from '../../contract/fixture.ts'
import { ORACLES } from '../../contract/oracle/oracles.ts'

for (const dataset of registry.all) {
  if (!existsSync(new URL(`${dataset.id}/`, FIXTURES))) continue
  for (const fixture of fixturesOf(dataset)) testDataset(dataset, fixture)
}

describe('the folder of datasets', () => {
  it('holds no dataset that is not registered', async () => {
    const found = await exportedDatasets()
    expect(found.map(({ id }) => id).toSorted()).toEqual(ids(registry.all))
  })

  it('holds no reader that scans without an oracle to be compared to', () => {
    const scanned = registry.all.filter(({ formats, intervals }) => {
      const object = { symbol: seriesOf('A', intervals?.[0]), from: 0, to: 3_600_000 }
      return formats.some((format) => format.createReader(object).scan !== undefined)
    })
    expect(ids(scanned.filter(({ id }) => !ORACLES.has(id)))).toEqual([])
  })

  it('holds no dataset without a fixture', () => {
    const proven = registry.all.filter((dataset) => {
      return existsSync(new URL(`${dataset.id}/`, FIXTURES)) && fixturesOf(dataset).length > 0
    })
    expect(ids(proven)).toEqual(ids(registry.all))
  })
})

const DATASETS = new URL('../../../datasets/', import.meta.url)

async function exportedDatasets(): Promise<Dataset[]> {
  const files = readdirSync(DATASETS, { recursive: true, encoding: 'utf8' })
  const modules = files.filter((file) => file.endsWith('.ts') && !file.includes('node_modules'))
  const loaded: Record<string, unknown>[] = await Promise.all(
    modules.map((file) => import(new URL(file, DATASETS).href)),
  )
  return loaded.flatMap((module) => Object.values(module)).filter(isDataset)
}

function isDataset(value: unknown): value is Dataset {
  return typeof value === 'object' && value !== null && 'formats' in value && 'table' in value
}

function ids(datasets: readonly Dataset[]): string[] {
  return datasets.map(({ id }) => id).toSorted()
}
