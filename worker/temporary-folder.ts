import { mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs'
import { hostname, tmpdir } from 'node:os'
import { join } from 'node:path'

/**
 * Makes a folder for files of this process, which removes it when it ends. Those of the same purpose
 * that were left behind, their process having been killed, are removed first.
 */
export function temporaryFolder(purpose: string): string {
  // With the name of the machine: containers may share the folder, but not their process ids.
  const name = `backtide-${purpose}-${hostname()}-`
  for (const entry of readdirSync(tmpdir())) {
    const pid = entry.startsWith(name) && Number.parseInt(entry.slice(name.length), 10)
    if (pid) removeOrphan(join(tmpdir(), entry), pid)
  }
  return mkdtempSync(join(tmpdir(), `${name}${process.pid}-`))
}

function removeOrphan(folder: string, pid: number): void {
  try {
    if (isGone(pid) || isOlder(folder, pid)) rmSync(folder, { recursive: true, force: true })
  } catch {
    // It is not ours to remove, or somebody else removes it now.
  }
}

function isGone(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return false
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'ESRCH'
  }
}

/** In a container each start has the same process id. */
function isOlder(folder: string, pid: number): boolean {
  return pid === process.pid && statSync(folder).mtimeMs < performance.timeOrigin
}
