import { join } from 'node:path'
import { onPath, runCommand } from '../processes/run-command.ts'
import { acquire, type AcquireOptions, type Way } from './acquire.ts'
import { unpackRelease, type Release } from './release.ts'

/** A command written in Go, released on GitHub. */
export interface GoCommand {
  /** Its file: `temporal` */
  readonly command: string
  /** For people: `Temporal` */
  readonly name: string
  readonly version: string
  readonly release: Release
  /** Top folders of the release archive to leave out. */
  readonly strip: 0 | 1
  /** Package and version: `github.com/owner/name/cmd/x@v1.2.3`; Go checks it against its sum database. */
  readonly module: string
  /** How long it takes to build, for people. */
  readonly usually: string
  /** What to do when it is not to be had. */
  readonly remedy: string
}

/**
 * Path of a command: on PATH, in the cache, downloaded, or built.
 * @throws StackError with the remedy
 */
export async function acquireCommand(wanted: GoCommand, options: AcquireOptions): Promise<string> {
  const { command, name, version, remedy } = wanted
  const { env } = options
  return (
    onPath(command, env.PATH) ??
    (await acquire(
      {
        title: `${name} ${version}`,
        folder: `${command}-${version}`,
        file: command,
        ways: [fromRelease(wanted), withGo(wanted, env)],
        remedy,
      },
      options,
    ))
  )
}

function fromRelease({ name, version, release, strip }: GoCommand): Way {
  return {
    what: `downloading ${name} ${version}`,
    fill: (folder) => unpackRelease(release, folder, strip),
  }
}

function withGo({ name, version, module, usually }: GoCommand, env: NodeJS.ProcessEnv): Way {
  return {
    what: `building ${name} ${version} with go install (${usually})`,
    fill: async (folder) => {
      const go = onPath('go', env.PATH)
      if (!go) throw new Error('go is not on PATH')
      await runCommand({
        name: 'go install',
        command: go,
        args: ['install', '-trimpath', '-ldflags=-s -w', module],
        env: { ...env, GOBIN: folder, CGO_ENABLED: '0' },
        logFile: join(folder, 'build.log'),
      })
    },
  }
}
