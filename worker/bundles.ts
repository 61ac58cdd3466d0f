import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** Names of the bundles in their folder. */
export const WORKFLOWS_FILE = 'workflows.js'
export const DECODER_FILE = 'decoder.cjs'

/** Code that runs elsewhere than in the main thread, as single files. */
export interface Bundles {
  readonly workflows: string
  readonly decoder: string
  /** Removes the files; nothing may be started from them afterwards. */
  remove(): Promise<void>
}

/**
 * Bundles workflows and decoder in a process of its own: the bundlers take some 200 MB that a worker
 * would never give back.
 * @throws Error with what the bundlers printed when they fail
 */
export async function buildBundles(): Promise<Bundles> {
  const folder = await mkdtemp(join(tmpdir(), 'backtide-bundles-'))
  const remove = () => rm(folder, { recursive: true, force: true })
  try {
    await runBundlers(folder)
  } catch (error) {
    await remove()
    throw error
  }
  return { workflows: join(folder, WORKFLOWS_FILE), decoder: join(folder, DECODER_FILE), remove }
}

async function runBundlers(folder: string): Promise<void> {
  const entry = fileURLToPath(new URL('./bundle-main.ts', import.meta.url))
  const child = spawn(process.execPath, ['--import', import.meta.resolve('tsx'), entry, folder], {
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  let errors = ''
  child.stderr.on('data', (bytes: Buffer) => (errors += bytes.toString()))
  const [code] = (await once(child, 'exit')) as [number | null]
  if (code !== 0) throw new Error(`The code of the worker cannot be bundled: ${errors}`)
}
