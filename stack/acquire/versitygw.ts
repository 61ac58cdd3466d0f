import type { AcquireOptions } from './acquire.ts'
import { acquireCommand } from './command.ts'
import { VERSITYGW_VERSION as VERSION } from './versions.ts'

/**
 * Path of a `versitygw` command.
 * @throws StackError that says what to install
 */
export function acquireVersityGw(options: AcquireOptions): Promise<string> {
  const system = process.platform === 'darwin' ? 'Darwin' : 'Linux'
  const arch = process.arch === 'x64' ? 'x86_64' : process.arch
  const release = {
    repository: 'versity/versitygw',
    tag: `v${VERSION}`,
    asset: `versitygw_v${VERSION}_${system}_${arch}.tar.gz`,
    checksums: 'checksums.txt',
  }
  const command = {
    command: 'versitygw',
    name: 'versitygw',
    version: VERSION,
    release,
    strip: 1,
    module: `github.com/versity/versitygw/cmd/versitygw@v${VERSION}`,
    usually: 'about 90 seconds on two cores',
    remedy:
      'Install Go 1.24 or newer (https://go.dev/dl), ' +
      'or set AWS_ENDPOINT_URL_S3 to an S3 service that is running.',
  } as const
  return acquireCommand(command, options)
}
