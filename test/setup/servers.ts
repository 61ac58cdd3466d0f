import { acquireQuestDb } from '@backtide/stack/acquire-questdb'
import { acquireTemporal } from '@backtide/stack/acquire-temporal'
import { acquireVersityGw } from '@backtide/stack/acquire-versitygw'
import { startQuestDb } from '@backtide/stack/questdb'
import { startS3 } from '@backtide/stack/s3'
import { startTemporal } from '@backtide/stack/temporal'
import { WORKFLOWS_PATH } from '@backtide/worker/create-workers'
import { Connection } from '@temporalio/client'
import { msToTs } from '@temporalio/common/lib/time'
import { bundleWorkflowCode, DefaultLogger } from '@temporalio/worker'
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestProject } from 'vitest/node'
import type { TestServers } from '../helpers/servers.ts'

/** Servers of all end-to-end tests: up once, shared; a test owns its namespace and its days. */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  const programs = {
    temporal: await acquireTemporal({}),
    questdb: await acquireQuestDb({}),
    s3: await acquireVersityGw({}),
  }
  const [temporal, questdb, s3] = await Promise.all([
    startTemporal({ binary: programs.temporal }),
    startQuestDb({ ...programs.questdb, heapMb: 512 }),
    startS3({ binary: programs.s3, buckets: ['hyperliquid-archive'] }),
  ])
  const folder = mkdtempSync(join(tmpdir(), 'backtide-test-'))
  const namespaces = await registerNamespaces(temporal.address)
  const { endpoint, region, accessKeyId, secretAccessKey } = s3
  const servers: TestServers = {
    programs,
    temporal: temporal.address,
    namespaces,
    questdb: questdb.clientConf,
    s3: { endpoint, region, accessKeyId, secretAccessKey },
    workflowBundle: await bundleWorkflows(folder),
  }
  project.provide('servers', servers)
  return async () => {
    await Promise.all([temporal.stop(), questdb.stop(), s3.stop()])
    rmSync(folder, { recursive: true, force: true })
  }
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

async function bundleWorkflows(folder: string): Promise<string> {
  const { code } = await bundleWorkflowCode({
    workflowsPath: WORKFLOWS_PATH,
    logger: new DefaultLogger('ERROR'),
  })
  const path = join(folder, 'workflows.js')
  writeFileSync(path, code)
  return path
}
