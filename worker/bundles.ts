import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { ConfigError } from '@backtide/config/config-error'
import { temporaryFolder } from './temporary-folder.ts'

/** Code of a worker, as single files. */
export interface Bundles {
  readonly folder: string
  readonly workflows: string
  readonly decoder: string
  /** The worker itself, to be started by Node with `BACKTIDE_BUNDLES`; only where it was asked for. */
  readonly worker: string
  /** Removes the files, if they were made for this process; nothing may be started from them then. */
  remove(): Promise<void>
}

/**
 * Bundles that somebody made before (`worker/bundle.ts`), of this very version.
 * @throws ConfigError that says how to make them when they are not there
 */
export function madeBundles(folder: string): Bundles {
  const files = filesIn(folder)
  const missing = [files.workflows, files.decoder].find((file) => !existsSync(file))
  if (missing === undefined) return { folder, ...files, remove: async () => {} }
  const program = `node --import tsx worker/bundle.ts ${files.workflows} ${files.decoder}`
  throw new ConfigError([`BACKTIDE_BUNDLES: ${missing} is not there. Make it: ${program}`])
}

/**
 * Bundles workflows and decoder in a process of its own: the bundlers take some 200 MB that a worker
 * would never give back. With the worker itself for who starts one.
 * @throws Error with what the bundlers printed when they fail
 */
export async function buildBundles({ withWorker = false } = {}): Promise<Bundles> {
  const folder = temporaryFolder('bundles')
  const files = filesIn(folder)
  const { workflows, decoder, worker } = files
  const remove = () => rm(folder, { recursive: true, force: true })
  try {
    await runBundlers([workflows, decoder, ...(withWorker ? [worker] : [])])
  } catch (error) {
    await remove()
    throw error
  }
  return { folder, ...files, remove }
}

type Files = Pick<Bundles, 'workflows' | 'decoder' | 'worker'>

function filesIn(folder: string): Files {
  return {
    workflows: join(folder, 'workflows.js'),
    decoder: join(folder, 'decoder.cjs'),
    worker: join(folder, 'worker.cjs'),
  }
}

async function runBundlers(files: readonly string[]): Promise<void> {
  const program = fileURLToPath(new URL('./bundle.ts', import.meta.url))
  const loader = pathToFileURL(createRequire(import.meta.url).resolve('tsx')).href
  const argv = ['--import', loader, program, ...files]
  const child = spawn(process.execPath, argv, { stdio: ['ignore', 'ignore', 'pipe'] })
  let errors = ''
  child.stderr.on('data', (bytes: Buffer) => (errors += bytes.toString()))
  const [code] = (await once(child, 'exit')) as [number | null]
  if (code !== 0) throw new Error(`The code of the worker cannot be bundled: ${errors}`)
}
