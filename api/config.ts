import { readFileSync } from 'node:fs'
import { DEFAULT_TIMING, type Timing } from '@backtide/core/timing'
import { loadClientConnectConfig } from '@temporalio/envconfig'
import type { ConnectionOptions } from '@temporalio/client'
import { z } from 'zod'
import type { Settings } from './deps.ts'
import { keepToken, parseTokens, SHORTEST_TOKEN, type KnownToken } from './http/tokens.ts'

/** Configuration of the API process; read once, frozen. */
export interface Config {
  readonly host: string
  readonly port: number
  /** `QDB_CLIENT_CONF` of the official QuestDB clients. */
  readonly questdb: string
  readonly temporal: { readonly connection: ConnectionOptions; readonly namespace: string }
  readonly logLevel: string
  readonly settings: Settings
}

const milliseconds = z.int().min(1).max(86_400_000)

const tempoSchema = z.strictObject({
  heartbeatTimeout: milliseconds.optional(),
  loadTimeout: milliseconds.optional(),
  controlTimeout: milliseconds.optional(),
  retryInitialInterval: milliseconds.optional(),
  retryMaximumInterval: milliseconds.optional(),
  deferInitial: milliseconds.optional(),
  deferMaximum: milliseconds.optional(),
  dayRestarts: z.array(milliseconds).max(10).optional(),
})

const webAddress = z.url({ protocol: /^https?$/, message: 'Expected an http(s) address.' })

const tokenText = z.string().min(SHORTEST_TOKEN, `Use ${SHORTEST_TOKEN} characters or more.`)

const environment = z.object({
  BACKTIDE_HOST: z
    .string()
    .regex(/^[a-zA-Z0-9.:-]+$/, 'Expected a host name or an address.')
    .default('127.0.0.1'),
  BACKTIDE_PORT: z.coerce.number().int().min(0).max(65_535).default(8484),
  BACKTIDE_TOKEN: tokenText.optional(),
  BACKTIDE_TOKEN_FILE: z.string().transform(readText).pipe(tokenText).optional(),
  BACKTIDE_TOKENS_FILE: z.string().transform(readText).transform(readTokens).optional(),
  BACKTIDE_TEMPORAL_UI: webAddress.default('http://127.0.0.1:8233'),
  BACKTIDE_QUESTDB_UI: webAddress.optional(),
  BACKTIDE_LOG_LEVEL: z.enum(['debug', 'info', 'warn', 'error', 'silent']).default('info'),
  BACKTIDE_TEMPO: z.string().transform(parseTempo).optional(),
  QDB_CLIENT_CONF: z.string().default('http::addr=127.0.0.1:9000;'),
})

const LOOPBACK: ReadonlySet<string> = new Set(['127.0.0.1', '::1', 'localhost'])

/** The configuration is wrong; the message names each variable, never its value. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError'
}

/**
 * Reads the environment. An empty variable counts as not set.
 * @throws ConfigError naming every variable that is wrong
 */
export function readConfig(env: Readonly<Record<string, string | undefined>>): Config {
  const set = Object.fromEntries(Object.entries(env).filter(([, value]) => value)) as Record<
    string,
    string
  >
  const read = environment.safeParse(set)
  if (!read.success) {
    const wrong = read.error.issues.map((issue) => `${String(issue.path[0])}: ${issue.message}`)
    throw new ConfigError(wrong.join(' '))
  }
  const { BACKTIDE_HOST: host, BACKTIDE_PORT: port } = read.data
  const tokens = tokensOf(read.data)
  const loopback = LOOPBACK.has(host)
  if (!loopback && !tokens) {
    throw new ConfigError(
      'BACKTIDE_HOST: Listening beyond this machine needs BACKTIDE_TOKEN, a secret of 16 characters or more, or BACKTIDE_TOKENS_FILE.',
    )
  }
  const temporal = readTemporal(set)
  const questdbUi = read.data.BACKTIDE_QUESTDB_UI
  return deepFreeze({
    host,
    port,
    questdb: read.data.QDB_CLIENT_CONF,
    temporal,
    logLevel: read.data.BACKTIDE_LOG_LEVEL,
    settings: {
      namespace: temporal.namespace,
      temporalUi: read.data.BACKTIDE_TEMPORAL_UI.replace(/\/$/, ''),
      tempo: { ...DEFAULT_TIMING, ...read.data.BACKTIDE_TEMPO },
      ...(questdbUi && { questdbUi }),
      ...(tokens && { tokens }),
      ...(loopback && { allowedHosts: ['localhost', '127.0.0.1', '[::1]'] }),
    },
  })
}

/** Every token there is; undefined without any. @throws ConfigError for a file without one */
function tokensOf(read: z.output<typeof environment>): readonly KnownToken[] | undefined {
  const { BACKTIDE_TOKEN: text, BACKTIDE_TOKEN_FILE: file, BACKTIDE_TOKENS_FILE: listed } = read
  const tokens = [
    ...(text === undefined ? [] : [keepToken('BACKTIDE_TOKEN', 'operate', text)]),
    ...(file === undefined ? [] : [keepToken('BACKTIDE_TOKEN_FILE', 'operate', file)]),
    ...(listed ?? []),
  ]
  if (listed?.length === 0 && tokens.length === 0) {
    throw new ConfigError('BACKTIDE_TOKENS_FILE: The file has no token.')
  }
  return tokens.length === 0 ? undefined : tokens
}

function readText(path: string, context: z.RefinementCtx): string {
  try {
    return readFileSync(path, 'utf8').trim()
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? 'an error'
    context.addIssue({ code: 'custom', message: `The file cannot be read (${code}).` })
    return z.NEVER
  }
}

function readTokens(text: string, context: z.RefinementCtx): readonly KnownToken[] {
  try {
    return parseTokens(text)
  } catch (error) {
    const message = error instanceof Error ? error.message : 'The file is not one of tokens.'
    context.addIssue({ code: 'custom', message })
    return z.NEVER
  }
}

/** `TEMPORAL_ADDRESS`, `TEMPORAL_NAMESPACE` and the rest of Temporal's own configuration. */
function readTemporal(env: Record<string, string>): Config['temporal'] {
  try {
    const { connectionOptions, namespace } = loadClientConnectConfig({ overrideEnvVars: env })
    const { address, tls, apiKey, metadata } = connectionOptions
    return {
      connection: {
        address: address ?? '127.0.0.1:7233',
        ...(tls !== undefined && { tls }),
        ...(apiKey !== undefined && { apiKey }),
        ...(metadata && { metadata }),
      },
      namespace: namespace ?? 'default',
    }
  } catch (error) {
    throw new ConfigError('TEMPORAL_*: The configuration of Temporal cannot be read.', {
      cause: error,
    })
  }
}

function parseTempo(text: string, context: z.RefinementCtx): Partial<Timing> {
  try {
    const read = tempoSchema.parse(JSON.parse(text))
    return Object.fromEntries(Object.entries(read).filter(([, value]) => value !== undefined))
  } catch {
    const message = `Expected JSON with some of ${Object.keys(tempoSchema.shape).join(', ')}, in milliseconds.`
    context.addIssue({ code: 'custom', message })
    return z.NEVER
  }
}

function deepFreeze<T extends object>(value: T): T {
  for (const inner of Object.values(value)) {
    if (typeof inner === 'object' && inner !== null && !Object.isFrozen(inner)) deepFreeze(inner)
  }
  return Object.freeze(value)
}
