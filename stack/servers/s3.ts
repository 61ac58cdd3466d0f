import { randomBytes } from 'node:crypto'
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { childEnv } from '../processes/child-env.ts'
import { startProcess, type RunningProcess } from '../processes/server-process.ts'
import { keepLogin } from './kept-login.ts'
import { freePort } from './ports.ts'
import { createClient, ensureBuckets } from './s3-client.ts'
import { whenReady, workFolder } from './server.ts'

/** Who may do everything on one S3 service. */
export interface S3Credentials {
  readonly accessKeyId: string
  readonly secretAccessKey: string
}

export interface S3Options {
  /** The `versitygw` command, see `acquireVersityGw`. */
  readonly binary: string
  /** Where objects are kept; without it in a temporary folder that ends with the server. */
  readonly dataDir?: string
  /** Chosen by the system when absent. */
  readonly port?: number
  /** Generated once per data folder and kept there when absent. */
  readonly credentials?: S3Credentials
  /** Buckets to make if they are not there. */
  readonly buckets?: readonly string[]
}

export interface S3Server extends RunningProcess, S3Credentials {
  /** `http://127.0.0.1:<port>` for `AWS_ENDPOINT_URL_S3`. */
  readonly endpoint: string
  readonly region: string
  readonly port: number
}

/** Region the local gateway answers for. */
export const LOCAL_REGION = 'us-east-1'

/**
 * Starts an S3 gateway over a folder on 127.0.0.1 and waits until it answers signed requests.
 * @throws StackError when it does not come up
 */
export async function startS3(options: S3Options): Promise<S3Server> {
  const folder = workFolder(options.dataDir, 's3')
  const port = options.port ?? (await freePort())
  const credentials = options.credentials ?? loadCredentials(folder.path)
  const running = startProcess({
    name: 'S3 gateway',
    command: options.binary,
    args: serverArgs(port, folder.path),
    // By environment, because arguments are readable for every user of the machine.
    env: childEnv({
      ROOT_ACCESS_KEY: credentials.accessKeyId,
      ROOT_SECRET_KEY: credentials.secretAccessKey,
    }),
    logFile: join(folder.path, 's3.log'),
  })
  const endpoint = `http://127.0.0.1:${port}`
  const address = { endpoint, region: LOCAL_REGION, ...credentials }
  const client = createClient(address)
  try {
    const server = await whenReady(running, folder, async () => {
      await ensureBuckets(client, options.buckets ?? [])
      return true
    })
    return { ...server, ...address, port }
  } finally {
    client.destroy()
  }
}

function serverArgs(port: number, dataDir: string): string[] {
  const objects = join(dataDir, 'objects')
  const metadata = join(dataDir, 'metadata')
  mkdirSync(objects, { recursive: true })
  mkdirSync(metadata, { recursive: true })
  // Metadata in files of its own: not every file system keeps extended attributes.
  const backend = ['posix', '--sidecar', metadata, objects]
  return [
    '--port',
    `127.0.0.1:${port}`,
    '--region',
    LOCAL_REGION,
    '--keep-alive',
    '--quiet',
    ...backend,
  ]
}

/** Root credentials of the gateway over this folder. */
function loadCredentials(dataDir: string): S3Credentials {
  const { user, password } = keepLogin(dataDir, nameAccessKey)
  return { accessKeyId: user, secretAccessKey: password }
}

function nameAccessKey(): string {
  return `BACKTIDE${randomBytes(6).toString('hex').toUpperCase()}`
}
