import { registry, type Registry } from '@backtide/datasets/registry'
import { acquirePrograms } from '@backtide/stack/acquire/programs'
import { startQuestDb } from '@backtide/stack/servers/questdb'
import { startS3 } from '@backtide/stack/servers/s3'
import { startTemporal } from '@backtide/stack/servers/temporal'
import { buildBundles } from '@backtide/worker/bundles'
import { Connection } from '@temporalio/client'
import { msToTs } from '@temporalio/common/lib/time'
import { readdirSync, readFileSync } from 'node:fs'
import type { TestProject } from 'vitest/node'
import type { TestServers } from '../helpers/servers.ts'

/** Servers of all end-to-end tests: up once, shared; a test owns its namespace and its days. */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  const acquired = await acquirePrograms({ env: process.env })
  const programs = { ...acquired, questdb: { ...acquired.questdb, shortLived: true } }
  const [temporal, questdb, s3] = await Promise.all([
    startTemporal({ binary: programs.temporal }),
    startQuestDb({ ...programs.questdb, heapMb: 512 }),
    startS3({ binary: programs.s3, buckets: bucketsOf(registry) }),
  ])
  const namespaces = await registerNamespaces(temporal.address)
  const bundles = await buildBundles()
  const { endpoint, region, accessKeyId, secretAccessKey } = s3
  const servers: TestServers = {
    programs,
    temporal: temporal.address,
    namespaces,
    withDays: namespaces.filter(takesDays),
    questdb: questdb.clientConf,
    s3: { endpoint, region, accessKeyId, secretAccessKey },
    bundles: bundles.folder,
  }
  project.provide('servers', servers)
  return async () => {
    await Promise.all([temporal.stop(), questdb.stop(), s3.stop()])
    await bundles.remove()
  }
}

/** Whether a test file asks for days; those that do not own none. */
function takesDays(name: string): boolean {
  const file = new URL(`../e2e/${name}.test.ts`, import.meta.url)
  return readFileSync(file, 'utf8').includes('nextDay')
}

/** Buckets that datasets are in. */
function bucketsOf({ all }: Registry): readonly string[] {
  return [...new Set(all.flatMap(({ source }) => (source.kind === 's3' ? source.bucket : [])))]
}

/** One namespace per test file: workflow ids and task queues of files never meet. */
async function registerNamespaces(address: string): Promise<readonly string[]> {
  const files = readdirSync(new URL('../e2e', import.meta.url)).filter((name) =>
    name.endsWith('.test.ts'),
  )
  const names = files.map((name) => name.replace('.test.ts', '')).toSorted()
  const connection = await Connection.connect({ address })
  for (const namespace of names) {
    await connection.workflowService.registerNamespace({
      namespace,
      workflowExecutionRetentionPeriod: msToTs('1 day'),
    })
  }
  await connection.close()
  return names
}
