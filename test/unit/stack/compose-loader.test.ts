import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { childEnv } from '@backtide/stack/processes/child-env'
import { describe, expect, it, onTestFinished } from 'vitest'

const run = promisify(execFile)
const root = fileURLToPath(new URL('../../..', import.meta.url))

/** First time, compiling it takes half a minute of one core. */
const TIMEOUT_MS = 300_000

const ALWAYS = ['api', 'questdb', 'temporal', 'temporal-setup', 'worker']
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

// The loader of `docker compose` itself. It is in Go, and its modules are fetched the first time.
describe("docker-compose.yml, loaded by compose's own loader", () => {
  it(
    'loads with every profile, without a variable that is not set',
    { timeout: TIMEOUT_MS },
    async (context) => {
      const load = await buildLoader().catch((error: Error) => error)
      if (load instanceof Error) return context.skip(`the loader cannot be built: ${load.message}`)

      const plain = await load([], SECRETS)
      expect(Object.keys(plain)).toEqual(ALWAYS)
      expect(plain['temporal']?.scale).toBe(1)
      expect(plain['worker']?.environment).toMatchObject({
        TEMPORAL_ADDRESS: 'temporal:7233',
        BACKTIDE_ROLES: 'control,load',
        AWS_ENDPOINT_URL_S3: null,
        AWS_SECRET_ACCESS_KEY: null,
      })

      const local = await load(['local'], { ...SECRETS, ...GATEWAY, BACKTIDE_ROLES: 'load' })
      expect(Object.keys(local)).toEqual([...ALWAYS, ...LOCAL].toSorted())
      expect(local['worker']?.environment).toMatchObject({ ...GATEWAY, BACKTIDE_ROLES: 'load' })
      expect(local['s3']?.environment).toMatchObject({
        ROOT_ACCESS_KEY: GATEWAY.AWS_ACCESS_KEY_ID,
        ROOT_SECRET_KEY: GATEWAY.AWS_SECRET_ACCESS_KEY,
      })

      const cluster = await load(['cluster'], { ...SECRETS, ...ON_CLUSTER })
      expect(Object.keys(cluster)).toEqual([...ALWAYS, ...CLUSTER].toSorted())
      expect(cluster['temporal']?.scale).toBe(0)
      expect(cluster['api']?.environment).toMatchObject({
        TEMPORAL_ADDRESS: 'temporal-cluster:7233',
      })

      const both = await load(['local', 'cluster'], { ...SECRETS, ...GATEWAY, ...ON_CLUSTER })
      expect(Object.keys(both)).toEqual([...ALWAYS, ...LOCAL, ...CLUSTER].toSorted())

      await expect(load([], {})).rejects.toThrow('BACKTIDE_TOKEN is missing a value')
    },
  )
})

type Load = (
  profiles: readonly string[],
  set: Readonly<Record<string, string>>,
) => Promise<Readonly<Record<string, Service>>>

async function buildLoader(): Promise<Load> {
  const folder = mkdtempSync(join(tmpdir(), 'backtide-test-compose-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  const program = join(folder, 'compose')
  await run('go', ['build', '-o', program, '.'], { cwd: join(root, 'test', 'compose') })
  return async (profiles, set) => {
    const args = [join(root, 'docker-compose.yml'), ...profiles]
    const { stdout, stderr } = await run(program, args, { env: childEnv(set) })
    expect(stderr).toBe('')
    return JSON.parse(stdout)
  }
}
