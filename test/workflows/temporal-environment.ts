import { TestWorkflowEnvironment } from '@temporalio/testing'
import { bundleWorkflowCode, DefaultLogger, Runtime } from '@temporalio/worker'
import type { WorkflowBundleOption } from '@temporalio/worker'
import { SEARCH_ATTRIBUTES } from '@backtide/workflows/search-attributes'
import { execFileSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'

// Failures are what tests provoke; the worker's own account of them would drown their results.
Runtime.install({ logger: new DefaultLogger('ERROR') })

/** A Temporal dev server of a test file, with the workflows bundled once. */
export interface TemporalEnvironment {
  readonly server: TestWorkflowEnvironment
  readonly workflowBundle: WorkflowBundleOption
  readonly close: () => Promise<void>
}

/** Starts a dev server, in memory. */
export async function startTemporal(
  extraArgs: readonly string[] = [],
): Promise<TemporalEnvironment> {
  const server = await TestWorkflowEnvironment.createLocal({
    server: {
      executable: { type: 'existing-path', path: temporalPath() },
      searchAttributes: [...SEARCH_ATTRIBUTES],
      extraArgs: [...extraArgs],
    },
    client: { identity: 'test' },
  })
  const workflowBundle = await bundleWorkflows()
  return { server, workflowBundle, close: () => server.teardown() }
}

/** The workflows as a worker runs them: bundled by the setup of the tests, else now. */
export async function bundleWorkflows(): Promise<WorkflowBundleOption> {
  const codePath = process.env['BACKTIDE_TEST_WORKFLOWS']
  if (codePath !== undefined) return { codePath }
  const workflowsPath = fileURLToPath(import.meta.resolve('@backtide/workflows/index'))
  return await bundleWorkflowCode({ workflowsPath, logger: new DefaultLogger('ERROR') })
}

function temporalPath(): string {
  const configured = process.env['BACKTIDE_TEST_TEMPORAL']
  return configured ?? execFileSync('which', ['temporal'], { encoding: 'utf8' }).trim()
}
