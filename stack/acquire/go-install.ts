import { join } from 'node:path'
import type { Way } from './acquire.ts'
import { onPath, runCommand } from '../processes/run-command.ts'

export interface GoBuild {
  readonly title: string
  /** Package and version: `github.com/owner/name/cmd/x@v1.2.3`; Go checks it against its sum database. */
  readonly module: string
  /** How long it takes, for people. */
  readonly usually: string
  readonly env: NodeJS.ProcessEnv
}

/** Builds a Go command into the folder. */
export function buildWithGo(build: GoBuild): Way {
  return {
    what: `building ${build.title} with go install (${build.usually})`,
    fill: async (folder) => {
      const go = onPath('go', build.env.PATH)
      if (!go) throw new Error('go is not on PATH')
      await runCommand({
        name: 'go install',
        command: go,
        args: ['install', '-trimpath', '-ldflags=-s -w', build.module],
        env: { ...build.env, GOBIN: folder, CGO_ENABLED: '0' },
        logFile: join(folder, 'build.log'),
      })
    },
  }
}
