import type { AcquireOptions } from './acquire.ts'
import { acquireCommand } from './command.ts'
import { TEMPORAL_CLI_VERSION as VERSION } from './versions.ts'

/**
 * Path of a `temporal` command.
 * @throws StackError that says what to install
 */
export function acquireTemporal(options: AcquireOptions): Promise<string> {
  const arch = process.arch === 'x64' ? 'amd64' : process.arch
  const release = {
    repository: 'temporalio/cli',
    tag: `v${VERSION}`,
    asset: `temporal_cli_${VERSION}_${process.platform}_${arch}.tar.gz`,
    checksums: 'checksums.txt',
  }
  const command = {
    command: 'temporal',
    name: 'Temporal',
    version: VERSION,
    release,
    strip: 0,
    // Newer tags carry a `replace` in their go.mod, which `go install` refuses.
    module: `github.com/temporalio/cli/cmd/temporal@v${VERSION}`,
    usually: 'about 4 minutes on two cores',
    remedy:
      'Install the Temporal CLI (https://docs.temporal.io/cli) or Go 1.24 or newer (https://go.dev/dl), ' +
      'or set TEMPORAL_ADDRESS to a Temporal that is running.',
  } as const
  return acquireCommand(command, options)
}
