import { rmSync } from 'node:fs'
// By its path: Vite bundles the configuration, and leaves packages to Node, which reads no TypeScript.
import { temporaryFolder } from '../../worker/temporary-folder.ts'

/** Gives this process, and all that it starts, a folder for temporary files that ends with it. */
export function useOwnFolder(): void {
  // Vitest may read its configuration more than once.
  if (process.env.TMPDIR?.includes('backtide-tests-')) return
  const folder = temporaryFolder('tests')
  process.env.TMPDIR = folder
  process.once('exit', () => {
    try {
      rmSync(folder, { recursive: true, force: true })
    } catch {
      // After a Ctrl-C a server may still write to it as it ends; the next run removes what is left.
    }
  })
}
