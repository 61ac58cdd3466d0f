import { acquire, type AcquireOptions } from './acquire.ts'
import { buildWithGo } from './go-install.ts'
import { unpackRelease } from './release.ts'
import { onPath } from '../processes/run-command.ts'
import { VERSITYGW_VERSION as VERSION } from './versions.ts'

/**
 * Path of a `versitygw` command: on PATH, in the cache, downloaded, or built.
 * @throws StackError that says what to install
 */
export async function acquireVersityGw(options: AcquireOptions): Promise<string> {
  const { env } = options
  const wanted = {
    title: `versitygw ${VERSION}`,
    folder: `versitygw-${VERSION}`,
    file: 'versitygw',
    ways: [
      {
        what: `downloading versitygw ${VERSION}`,
        fill: (folder: string) => unpackRelease(releaseFor(), folder, 1),
      },
      buildWithGo({
        title: `versitygw ${VERSION}`,
        module: `github.com/versity/versitygw/cmd/versitygw@v${VERSION}`,
        usually: 'about 90 seconds on two cores',
        env,
      }),
    ],
    remedy:
      'Install Go 1.24 or newer (https://go.dev/dl), ' +
      'or set AWS_ENDPOINT_URL_S3 to an S3 service that is running.',
  }
  return onPath('versitygw', env.PATH) ?? (await acquire(wanted, options))
}

function releaseFor() {
  const system = process.platform === 'darwin' ? 'Darwin' : 'Linux'
  const arch = process.arch === 'x64' ? 'x86_64' : process.arch
  return {
    repository: 'versity/versitygw',
    tag: `v${VERSION}`,
    asset: `versitygw_v${VERSION}_${system}_${arch}.tar.gz`,
    checksums: 'checksums.txt',
  }
}
