import { acquire, type AcquireOptions } from './acquire.ts'
import { buildWithGo } from './go-install.ts'
import { unpackRelease } from './release.ts'
import { onPath } from '../processes/run-command.ts'
import { TEMPORAL_CLI_VERSION as VERSION } from './versions.ts'

/**
 * Path of a `temporal` command: on PATH, in the cache, downloaded, or built.
 * @throws StackError that says what to install
 */
export async function acquireTemporal(options: AcquireOptions): Promise<string> {
  const { env } = options
  const wanted = {
    title: `Temporal ${VERSION}`,
    folder: `temporal-${VERSION}`,
    file: 'temporal',
    ways: [
      {
        what: `downloading Temporal ${VERSION}`,
        fill: (folder: string) => unpackRelease(releaseFor(), folder, 0),
      },
      buildWithGo({
        title: `Temporal ${VERSION}`,
        // Newer tags carry a `replace` in their go.mod, which `go install` refuses.
        module: `github.com/temporalio/cli/cmd/temporal@v${VERSION}`,
        usually: 'about 4 minutes on two cores',
        env,
      }),
    ],
    remedy:
      'Install the Temporal CLI (https://docs.temporal.io/cli) or Go 1.24 or newer (https://go.dev/dl), ' +
      'or set TEMPORAL_ADDRESS to a Temporal that is running.',
  }
  return onPath('temporal', env.PATH) ?? (await acquire(wanted, options))
}

function releaseFor() {
  const arch = process.arch === 'x64' ? 'amd64' : process.arch
  return {
    repository: 'temporalio/cli',
    tag: `v${VERSION}`,
    asset: `temporal_cli_${VERSION}_${process.platform}_${arch}.tar.gz`,
    checksums: 'checksums.txt',
  }
}
