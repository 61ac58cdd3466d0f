import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** A folder a server works in. */
export interface WorkFolder {
  readonly path: string
  /** Removes it, if it was only made for this run. */
  release(): void
}

/** The given folder, made if it is missing; without one a temporary folder for this run only. */
export function workFolder(given: string | undefined, name: string): WorkFolder {
  if (given !== undefined) {
    mkdirSync(given, { recursive: true })
    return { path: given, release: () => {} }
  }
  const path = mkdtempSync(join(tmpdir(), `backtide-${name}-`))
  return { path, release: () => rmSync(path, { recursive: true, force: true, maxRetries: 3 }) }
}
