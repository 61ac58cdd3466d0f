import { writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { bundleWorkflowCode, DefaultLogger } from '@temporalio/worker'

/** Where the workflow code is bundled from. */
const WORKFLOWS_PATH = createRequire(import.meta.url).resolve('@backtide/workflows/index')

/** Bundles the workflow code into a file. */
export async function bundleWorkflows(path: string): Promise<void> {
  const logger = new DefaultLogger('WARN')
  const { code } = await bundleWorkflowCode({ workflowsPath: WORKFLOWS_PATH, logger })
  await writeFile(path, code)
}
