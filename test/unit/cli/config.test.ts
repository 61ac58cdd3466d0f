import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, relative } from 'node:path'
import { KEYS } from '@backtide/config/settings'
import { describe, expect, it, onTestFinished } from 'vitest'
import { runCli, serveApp } from './run-cli.ts'

function fileOf(text: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'backtide-cli-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  const path = join(folder, 'mine.yaml')
  writeFileSync(path, text)
  return path
}

/** A file as it is called in the folder that the command runs in. */
function shown(path: string): string {
  return relative(tmpdir(), path)
}

describe('backtide config show', () => {
  it('shows every value, aligned, with where it comes from', async () => {
    const path = fileOf('api:\n  port: 9000\nlog: { level: warn }\n')
    const env = { BACKTIDE_LOADS: '7', TEMPORAL_CONFIG_FILE: '/nowhere/temporal.toml' }
    const run = await runCli(['config', 'show', '--config', path, '--log-level', 'error'], { env })
    expect(run).toMatchObject({ code: 0, stderr: '' })
    const lines = run.stdout.split('\n')
    expect(lines[0]).toBe(`File: ${path}`)
    const columns = lines
      .filter((line) => line.startsWith('  '))
      .map((line) => line.split(/ {2,}/).slice(1))
    expect(columns).toContainEqual(['port', '9000', `${shown(path)}:2:9`])
    expect(columns).toContainEqual(['level', 'error', '--log-level'])
    expect(columns).toContainEqual(['loads', '7', 'BACKTIDE_LOADS'])
    expect(columns).toContainEqual(['namespace', 'default', 'default'])
    const starts = lines.filter(
      (line) => line.includes('BACKTIDE_LOADS') || line.includes('--log-level'),
    )
    expect(new Set(starts.map((line) => line.search(/BACKTIDE_LOADS|--log-level/))).size).toBe(1)
  })

  it('masks what is secret, in JSON too', async () => {
    const secret = 'hunter2-hunter2-hunter2'
    const env = {
      BACKTIDE_TOKEN: secret,
      QDB_CLIENT_CONF: `http::addr=db:9000;username=me;password=${secret};`,
      AWS_ENDPOINT_URL_S3: `http://me:${secret}@minio:9000`,
      AWS_ACCESS_KEY_ID: secret,
      AWS_SECRET_ACCESS_KEY: secret,
      AWS_SESSION_TOKEN: secret,
      TEMPORAL_API_KEY: secret,
      TEMPORAL_TLS_CLIENT_KEY_DATA: secret,
      TEMPORAL_CONFIG_FILE: '/nowhere/temporal.toml',
    }
    const people = await runCli(['config', 'show'], { env })
    expect(people).toMatchObject({ code: 0, stderr: '' })
    expect(people.stdout).toContain('username=me;password=•••;')
    const json = await runCli(['config', 'show', '--json'], { env })
    expect(people.stdout + json.stdout).not.toContain('hunter2')
    const { settings } = JSON.parse(json.stdout)
    const names = settings.map(({ name }: { readonly name: string }) => name)
    expect(names).toEqual(expect.arrayContaining([...KEYS, 'TEMPORAL_TLS_CLIENT_KEY_DATA']))
    expect(settings).toContainEqual({
      name: 'api.token',
      value: '•••',
      origin: { from: 'environment', name: 'BACKTIDE_TOKEN' },
    })
  })

  it('says all that is wrong, and exits with 2', async () => {
    const path = fileOf('api:\n  prot: 1\n  port: http\n')
    const env = { BACKTIDE_LOADS: 'many' }
    const run = await runCli(['config', 'show', '--config', path], { env })
    expect(run).toMatchObject({ code: 2, stdout: '' })
    expect(run.stderr.trim().split('\n')).toEqual([
      `backtide: ${shown(path)}:2:3: api.prot is no setting; did you mean api.port?`,
      `backtide: ${shown(path)}:3:9: api.port: must be a whole number from 0 to 65535`,
      'backtide: BACKTIDE_LOADS: must be a whole number from 1 to 64',
    ])
  })
})

describe('every command', () => {
  it('finds the API, and its token, as the settings say', async () => {
    const seen: (string | undefined)[] = []
    await using api = await serveApp({
      fetch: (request: Request) => {
        seen.push(request.headers.get('authorization') ?? undefined)
        return Response.json({ sources: [] })
      },
    })
    const path = fileOf(`api: { url: "${api.address}/" }`)
    const token = fileOf('the-token-of-a-file\n')
    const inFile = await runCli(['sources', '--config', path], {
      env: { BACKTIDE_TOKEN_FILE: token },
    })
    const flagged = await runCli(['--api-url', api.address, 'sources'], {
      api: 'http://127.0.0.1:1',
    })
    expect([inFile.code, flagged.code]).toEqual([0, 0])
    expect(seen).toEqual(['Bearer the-token-of-a-file', undefined])
  })
})
