/**
 * The process that `buildBundles` starts: bundles the workflows into the first file named, the
 * body of a decoding thread into the second, and the worker itself into the third.
 */
import { writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { fileURLToPath } from 'node:url'
import { bundleWorkflowCode, DefaultLogger } from '@temporalio/worker'
import { build, type BuildOptions } from 'esbuild'

const require = createRequire(import.meta.url)

const ONE_FILE = {
  bundle: true,
  platform: 'node',
  target: 'node20',
  format: 'cjs',
  logLevel: 'warning',
} as const satisfies BuildOptions

const [workflows, decoder, worker] = process.argv.slice(2)
if (workflows === undefined || decoder === undefined) {
  throw new Error('Usage: bundle.ts WORKFLOWS DECODER [WORKER]')
}
await bundleWorkflows(workflows)
await bundleDecoder(decoder)
if (worker !== undefined) await bundleWorker(worker)

async function bundleWorkflows(path: string): Promise<void> {
  const workflowsPath = require.resolve('@backtide/workflows/index')
  const logger = new DefaultLogger('WARN')
  const { code } = await bundleWorkflowCode({ workflowsPath, logger })
  await writeFile(path, code)
}

/** One CommonJS file: a thread that read our TypeScript itself would hold a compiler, some 40 MB each. */
async function bundleDecoder(path: string): Promise<void> {
  await build({
    ...ONE_FILE,
    entryPoints: [require.resolve('@backtide/activities/threads/thread')],
    outfile: path,
    footer: { js: 'module.exports = module.exports.decodeObject' },
  })
}

/**
 * The worker: as thousands of files it starts in three times the processor time, with 45 MB more. What
 * has native parts or threads of its own stays where it is, and is looked for from here.
 */
async function bundleWorker(path: string): Promise<void> {
  const here = JSON.stringify(import.meta.url)
  await build({
    ...ONE_FILE,
    entryPoints: [fileURLToPath(new URL('./main.ts', import.meta.url))],
    outfile: path,
    external: ['@temporalio/*', 'esbuild', 'lz4-napi', 'piscina', 'tsx'],
    define: { 'import.meta.url': here },
    banner: { js: `require = require('node:module').createRequire(${here});` },
  })
}
