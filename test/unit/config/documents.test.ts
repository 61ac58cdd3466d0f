import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseEnv } from 'node:util'
import { envExample, yamlExample } from '@backtide/config/documents'
import { readSettings } from '@backtide/config/read-settings'
import { fileVariableOf, KEYS, settingOf } from '@backtide/config/settings'
import { expect, it, onTestFinished } from 'vitest'

const ROOT = fileURLToPath(new URL('../../../', import.meta.url))
const read = (name: string) => readFileSync(`${ROOT}${name}`, 'utf8')

it('.env.example is as the settings are declared (npm run settings)', () => {
  expect(read('.env.example')).toBe(envExample())
})

it('backtide.example.yaml is as the settings are declared (npm run settings)', () => {
  expect(read('backtide.example.yaml')).toBe(yamlExample())
})

/** A text with its commented-out lines in, but not its remarks. */
function uncommented(text: string, pattern: RegExp): string {
  return text.replaceAll(pattern, '$1$2')
}

it('.env.example has every variable, and holds what is accepted when nothing is commented out', () => {
  const env = parseEnv(uncommented(read('.env.example'), /^()#([A-Z_0-9]+=)/gm))
  const variables = KEYS.flatMap((key) =>
    [settingOf(key).variables[0], fileVariableOf(key) ?? []].flat(),
  )
  expect(Object.keys(env)).toEqual(expect.arrayContaining(variables))
  const { CONFIG_PATH, BACKTIDE_TOKENS_FILE, ...rest } = env
  expect(CONFIG_PATH).toBe('backtide.yaml')
  expect(BACKTIDE_TOKENS_FILE).toBeDefined()
  const settings = readSettings(['worker', 'api', 'stack', 'cli'], { env: rest })
  expect(settings.get('worker.roles')).toEqual(['control', 'load'])
  expect(settings.get('sources')?.get('hyperliquid-archive')).toMatchObject({ bucket: 'mirror' })
})

it('backtide.example.yaml is accepted as it is, and when nothing is commented out', () => {
  const cwd = mkdtempSync(join(tmpdir(), 'backtide-example-'))
  onTestFinished(() => rmSync(cwd, { recursive: true }))
  const text = read('backtide.example.yaml')
  const path = join(cwd, 'backtide.yaml')
  writeFileSync(path, text)
  const readers = ['worker', 'api', 'stack', 'cli'] as const
  expect(readSettings(readers, { env: {}, cwd }).get('api.port')).toBe(8484)
  const live = uncommented(text, /^( *)# ((?: *- |(?: *)[\w-]+:(?: |$)).*)/gm)
  writeFileSync(path, live.replace(/^ *tokensFile.*\n/m, ''))
  const settings = readSettings(readers, { env: {}, cwd })
  const set = KEYS.filter((key) => settings.origin(key).from === 'file')
  const wanted = KEYS.filter((key) => settingOf(key).secret !== 'whole' && key !== 'api.tokensFile')
  expect(set).toEqual(wanted)
})
