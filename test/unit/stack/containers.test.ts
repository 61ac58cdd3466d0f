import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { QUESTDB_VERSION, VERSITYGW_VERSION } from '@backtide/stack/acquire/versions'
import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'

const root = fileURLToPath(new URL('../../..', import.meta.url))
const text = readFileSync(join(root, 'docker-compose.yml'), 'utf8')

interface Service {
  readonly image: string
  readonly ports?: readonly string[]
  readonly healthcheck?: { readonly test: readonly string[] }
  readonly command?: readonly string[]
  readonly environment?: Readonly<Record<string, string>>
  readonly depends_on?: Readonly<Record<string, { readonly condition: string }>>
}

const compose: {
  readonly services: Readonly<Record<string, Service>>
  readonly volumes: Readonly<Record<string, unknown>>
} = parse(text, { merge: true, strict: true })

describe('docker-compose.yml', () => {
  it('pins every image, QuestDB and the S3 gateway to the versions of the local stack', () => {
    const images = Object.values(compose.services).map(({ image }) => image)
    expect(images.filter((image) => !/:v?\d+\.\d+(\.\d+)?$/.test(image))).toEqual([])
    expect(images).toContain(`questdb/questdb:${QUESTDB_VERSION}`)
    expect(images).toContain(`versity/versitygw:v${VERSITYGW_VERSION}`)
  })

  it('publishes ports on loopback only', () => {
    const ports = Object.values(compose.services).flatMap((service) => service.ports ?? [])
    expect(ports.length).toBeGreaterThan(0)
    expect(ports.filter((port) => !/^127\.0\.0\.1:\d+:\d+$/.test(port))).toEqual([])
  })

  it('waits for services that are there and have a health check, or end', () => {
    for (const service of Object.values(compose.services)) {
      for (const [name, { condition }] of Object.entries(service.depends_on ?? {})) {
        const needed = compose.services[name]
        expect(needed, name).toBeDefined()
        if (condition === 'service_healthy') expect(needed?.healthcheck, name).toBeDefined()
        else expect(condition).toBe('service_completed_successfully')
      }
    }
  })

  it('checks the health of everything that stays up', () => {
    const ends = new Set(['temporal-setup', 'temporal-schema', 'temporal-namespace', 's3-buckets'])
    const unchecked = Object.entries(compose.services).filter(([, one]) => !one.healthcheck)
    expect(new Set(unchecked.map(([name]) => name))).toEqual(ends)
  })

  it('has QuestDB ask for the login that worker and API use, and no secret of its own', () => {
    const secret = '${BACKTIDE_QUESTDB_PASSWORD:-${BACKTIDE_TOKEN}}'
    expect(compose.services.questdb?.environment).toMatchObject({
      QDB_HTTP_USER: 'backtide',
      QDB_HTTP_PASSWORD: secret,
      QDB_PG_USER: 'backtide',
      QDB_PG_PASSWORD: secret,
    })
    for (const name of ['worker', 'api']) {
      expect(compose.services[name]?.environment?.QDB_CLIENT_CONF).toBe(
        `http::addr=questdb:9000;username=backtide;password=${secret};`,
      )
    }
    const secrets = [...text.matchAll(/(?:PASSWORD|PWD|SECRET\w*): (.*)/g)].map(
      ([, value]) => value,
    )
    const ofAnother = /^\$\{[A-Z_]+(:-(\$\{[A-Z_]+\})?|:\?.*)?\}$/
    expect(secrets.filter((value) => !ofAnother.test(value ?? ''))).toEqual([])
  })

  it('mounts only volumes that it declares', () => {
    const mounted = [...text.matchAll(/volumes: \['([a-z0-9]+):/g)].map(([, name]) => name)
    expect(new Set(mounted)).toEqual(new Set(Object.keys(compose.volumes)))
  })
})

describe('the Dockerfile', () => {
  const lines = readFileSync(join(root, 'Dockerfile'), 'utf8').split('\n')

  it('is Debian with glibc, and does not run as root', () => {
    expect(lines.filter((line) => line.startsWith('FROM'))).toEqual(['FROM node:22-bookworm-slim'])
    expect(lines.filter((line) => line.startsWith('USER'))).toEqual(['USER node'])
    expect(lines.findIndex((line) => line.startsWith('USER'))).toBeLessThan(
      lines.findIndex((line) => line.startsWith('CMD')),
    )
  })

  it('builds for the system it is built on, whichever that is', () => {
    expect(lines.filter((line) => /amd64|x86_64|x64|--platform/.test(line))).toEqual([])
    expect(lines.some((line) => line.startsWith('RUN node scripts/prepare.mjs'))).toBe(true)
  })

  it('has the manifest of every workspace, or npm ci would refuse the lockfile', () => {
    const { workspaces }: { workspaces: readonly string[] } = JSON.parse(
      readFileSync(join(root, 'package.json'), 'utf8'),
    )
    const copied = lines.filter((line) => /^COPY \w+\/package\.json/.test(line))
    expect(copied).toEqual(workspaces.map((name) => `COPY ${name}/package.json ${name}/`))
  })

  it('has what the compose file runs', () => {
    const commands = Object.values(compose.services).flatMap(({ command }) => command ?? [])
    const entries = [...new Set(commands.filter((word) => word.endsWith('.ts')))]
    expect(entries).toEqual(['worker/main.ts', 'api/main.ts'])
    for (const entry of entries) {
      expect(existsSync(join(root, entry))).toBe(true)
      const folder = entry.split('/')[0]
      expect(lines).toContain(`COPY ${folder} ${folder}`)
    }
  })
})
