import type { Settings } from './process-settings.ts'
import type { Reader } from './setting.ts'
import type { Key } from './settings.ts'
import { SHORTEST_TOKEN } from './tokens.ts'

/** What settings have to be together. */
interface Rule {
  readonly readers: readonly Reader[]
  /** The setting that is wrong, and why; undefined when none is. */
  readonly broken: (settings: Settings) => { readonly key: Key; readonly why: string } | undefined
}

const LOOPBACK: ReadonlySet<string> = new Set(['127.0.0.1', '::1', 'localhost'])

/** Whether only this machine reaches an address that something listens on. */
export function isLoopback(host: string): boolean {
  return LOOPBACK.has(host)
}

/** In the order they are told. */
export const RULES: readonly Rule[] = [
  {
    readers: ['api', 'stack'],
    broken: (settings) => {
      const token = settings.get('api.token')
      if (token === undefined || token.length >= SHORTEST_TOKEN) return undefined
      return { key: 'api.token', why: `Use ${SHORTEST_TOKEN} characters or more.` }
    },
  },
  {
    readers: ['api', 'stack'],
    broken: (settings) => {
      const nobody = settings.get('api.tokensFile')?.length === 0
      if (!nobody || settings.get('api.token') !== undefined) return undefined
      return { key: 'api.tokensFile', why: 'The file has no token.' }
    },
  },
  {
    readers: ['api', 'stack'],
    broken: (settings) => {
      const tokens = settings.get('api.token') ?? settings.get('api.tokensFile')
      if (isLoopback(settings.get('api.host')) || tokens !== undefined) return undefined
      const why =
        `Listening beyond this machine needs BACKTIDE_TOKEN, a secret of ${SHORTEST_TOKEN} ` +
        'characters or more, or BACKTIDE_TOKENS_FILE.'
      return { key: 'api.host', why }
    },
  },
  {
    readers: ['worker'],
    broken: (settings) => {
      const pair = ['s3.accessKeyId', 's3.secretAccessKey'] as const
      const from = pair.find((key) => settings.origin(key).name.endsWith('_FILE'))
      if (from === undefined || pair.every((key) => settings.get(key) !== undefined))
        return undefined
      return { key: from, why: 'A key and its secret go together: set both.' }
    },
  },
]
