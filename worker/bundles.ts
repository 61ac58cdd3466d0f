import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'

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
  const files = { workflows: join(folder, 'workflows.js'), decoder: join(folder, 'decoder.cjs') }
  const remove = () => rm(folder, { recursive: true, force: true })
  try {
    await runBundlers(files)
  } catch (error) {
    await remove()
    throw error
  }
  return { ...files, remove }
}

async function runBundlers({ workflows, decoder }: Omit<Bundles, 'remove'>): Promise<void> {
  const program = fileURLToPath(new URL('./bundle.ts', import.meta.url))
  const loader = pathToFileURL(createRequire(import.meta.url).resolve('tsx')).href
  const argv = ['--import', loader, program, workflows, decoder]
  const child = spawn(process.execPath, argv, { stdio: ['ignore', 'ignore', 'pipe'] })
  let errors = ''
  child.stderr.on('data', (bytes: Buffer) => (errors += bytes.toString()))
  const [code] = (await once(child, 'exit')) as [number | null]
  if (code !== 0) throw new Error(`The code of the worker cannot be bundled: ${errors}`)
}
