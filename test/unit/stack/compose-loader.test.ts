import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { childEnv } from '@backtide/stack/processes/child-env'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'

const run = promisify(execFile)
const root = fileURLToPath(new URL('../../..', import.meta.url))

const folder = mkdtempSync(join(tmpdir(), 'backtide-test-compose-'))

/** First time, compiling it takes half a minute of one core. */
const TIMEOUT_MS = 300_000

const ALWAYS = ['api', 'live', 'questdb', 'temporal', 'temporal-setup', 'worker']
const LOCAL = ['s3', 's3-buckets']
const CLUSTER = [
  'postgres',
  'temporal-cluster',
  'temporal-namespace',
  'temporal-schema',
  'temporal-ui',
]

const SECRETS = { BACKTIDE_TOKEN: 'a'.repeat(20) }
const GATEWAY = {
  AWS_ENDPOINT_URL_S3: 'http://s3:7070',
  AWS_ACCESS_KEY_ID: 'key',
  AWS_SECRET_ACCESS_KEY: 'b'.repeat(20),
}
const ON_CLUSTER = { TEMPORAL_ADDRESS: 'temporal-cluster:7233', TEMPORAL_SCALE: '0' }

interface Service {
  readonly scale?: number
  readonly environment: Readonly<Record<string, string | null>>
}

let load: Load | Error

// The loader of `docker compose` itself. It is in Go, and its modules are fetched the first time.
beforeAll(async () => {
  load = await buildLoader().catch((error: Error) => error)
}, TIMEOUT_MS)

beforeEach((context) => {
  if (load instanceof Error) context.skip(`compose's loader cannot be built: ${load.message}`)
})

afterAll(() => rmSync(folder, { recursive: true }))

describe("docker-compose.yml, loaded by compose's own loader", () => {
  it('needs nothing but a token, and hands on nothing that is not set', async () => {
    const services = await loaded([], SECRETS)
    expect(Object.keys(services)).toEqual(ALWAYS)
    expect(services['temporal']?.scale).toBe(1)
    expect(services['worker']?.environment).toMatchObject({
      TEMPORAL_ADDRESS: 'temporal:7233',
      BACKTIDE_ROLES: 'control,load',
      AWS_ENDPOINT_URL_S3: null,
      AWS_SECRET_ACCESS_KEY: null,
    })
    await expect(loaded([], {})).rejects.toThrow('BACKTIDE_TOKEN is missing a value')
  })

  it('brings a gateway with the profile local, of the login that the worker uses', async () => {
    const set = { ...SECRETS, ...GATEWAY, BACKTIDE_ROLES: 'load' }
    const services = await loaded(['local'], set)
    expect(Object.keys(services)).toEqual([...ALWAYS, ...LOCAL].toSorted())
    expect(services['worker']?.environment).toMatchObject({ ...GATEWAY, BACKTIDE_ROLES: 'load' })
    expect(services['s3']?.environment).toMatchObject({
      ROOT_ACCESS_KEY: GATEWAY.AWS_ACCESS_KEY_ID,
      ROOT_SECRET_KEY: GATEWAY.AWS_SECRET_ACCESS_KEY,
    })
  })

  it('brings a Temporal on PostgreSQL with the profile cluster, in place of the one process', async () => {
    const services = await loaded(['cluster'], { ...SECRETS, ...ON_CLUSTER })
    expect(Object.keys(services)).toEqual([...ALWAYS, ...CLUSTER].toSorted())
    expect(services['temporal']?.scale).toBe(0)
    expect(services['api']?.environment).toMatchObject({
      TEMPORAL_ADDRESS: 'temporal-cluster:7233',
    })
  })

  it('takes both profiles at once', async () => {
    const services = await loaded(['local', 'cluster'], { ...SECRETS, ...GATEWAY, ...ON_CLUSTER })
    expect(Object.keys(services)).toEqual([...ALWAYS, ...LOCAL, ...CLUSTER].toSorted())
  })
})

type Load = (
  profiles: readonly string[],
  set: Readonly<Record<string, string>>,
) => Promise<Readonly<Record<string, Service>>>

/** The services, of a loader that said nothing else. */
const loaded: Load = async (profiles, set) => {
  if (load instanceof Error) throw load
  return await load(profiles, set)
}

async function buildLoader(): Promise<Load> {
  const program = join(folder, 'compose')
  await run('go', ['build', '-o', program, '.'], { cwd: join(root, 'test', 'compose') })
  return async (profiles, set) => {
    const args = [join(root, 'docker-compose.yml'), ...profiles]
    const { stdout, stderr } = await run(program, args, { env: childEnv(set) })
    expect(stderr).toBe('')
    return JSON.parse(stdout)
  }
}
