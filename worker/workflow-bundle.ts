import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

/**
 * Bundles the workflow code in a process of its own: the bundler takes some 200 MB that a worker
 * would never give back.
 * @throws Error with what the bundler printed when it fails
 */
export async function buildWorkflowBundle(): Promise<{ readonly code: string }> {
  const folder = await mkdtemp(join(tmpdir(), 'backtide-workflows-'))
  try {
    const path = join(folder, 'workflows.js')
    await runBundler(path)
    return { code: await readFile(path, 'utf8') }
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

async function runBundler(path: string): Promise<void> {
  const entry = fileURLToPath(new URL('./bundle-main.ts', import.meta.url))
  const child = spawn(process.execPath, ['--import', import.meta.resolve('tsx'), entry, path], {
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  let errors = ''
  child.stderr.on('data', (bytes: Buffer) => (errors += bytes.toString()))
  const [code] = (await once(child, 'exit')) as [number | null]
  if (code !== 0) throw new Error(`The workflow code cannot be bundled: ${errors}`)
}
