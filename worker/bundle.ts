/**
 * The process that `buildBundles` starts: bundles the workflows into the first file named, the
 * body of a decoding thread into the second.
 */
import { writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { bundleWorkflowCode, DefaultLogger } from '@temporalio/worker'
import { build } from 'esbuild'

const require = createRequire(import.meta.url)

const [workflows, decoder] = process.argv.slice(2)
if (workflows === undefined || decoder === undefined) {
  throw new Error('Usage: bundle.ts WORKFLOWS DECODER')
}
await bundleWorkflows(workflows)
await bundleDecoder(decoder)

async function bundleWorkflows(path: string): Promise<void> {
  const workflowsPath = require.resolve('@backtide/workflows/index')
  const logger = new DefaultLogger('WARN')
  const { code } = await bundleWorkflowCode({ workflowsPath, logger })
  await writeFile(path, code)
}

/** One CommonJS file: a thread that read our TypeScript itself would hold a compiler, some 40 MB each. */
async function bundleDecoder(path: string): Promise<void> {
  await build({
    entryPoints: [require.resolve('@backtide/activities/threads/thread')],
    outfile: path,
    bundle: true,
    platform: 'node',
    target: 'node20',
    format: 'cjs',
    footer: { js: 'module.exports = module.exports.decodeObject' },
    logLevel: 'warning',
  })
}
