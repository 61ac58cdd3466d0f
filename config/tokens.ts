import { createHash, timingSafeEqual } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { z } from 'zod'

/** What a token may do: look at things, or start and steer them as well. */
export const TOKEN_SCOPES = ['read', 'operate'] as const

export type TokenScope = (typeof TOKEN_SCOPES)[number]

/** A token as it is kept: never its text. */
export interface KnownToken {
  /** Who holds it; what the log calls them. */
  readonly name: string
  readonly scope: TokenScope
  /** SHA-256 of its text, hexadecimal. */
  readonly sha256: string
}

/** Shortest token, in characters. */
export const SHORTEST_TOKEN = 16

/** A token whose text is known, as it is kept. */
export function keepToken(name: string, scope: TokenScope, text: string): KnownToken {
  return { name, scope, sha256: digest(text).toString('hex') }
}

const LINE = /^([A-Za-z0-9._-]{1,40})\s+(read|operate)\s+([0-9a-f]{64})$/

/**
 * Reads a file of tokens: a line each, `name scope sha256`; `#` begins a comment.
 * @throws Error naming the line that is wrong, without what it says
 */
export function parseTokens(text: string): readonly KnownToken[] {
  const tokens = text.split('\n').flatMap((line, index) => {
    const said = line.replace(/#.*/, '').trim()
    if (said === '') return []
    const [, name = '', scope = '', sha256 = ''] = LINE.exec(said) ?? []
    if (name !== '') return [{ name, scope: scope as TokenScope, sha256 }]
    throw new Error(`Line ${index + 1} is not "name read|operate sha256", 64 hexadecimal digits.`)
  })
  const names = new Set(tokens.map(({ name }) => name))
  if (names.size < tokens.length) throw new Error('A name stands there twice.')
  return tokens
}

/** The token a text is; all are compared, each in constant time. */
export function findToken(tokens: readonly KnownToken[], text: string): KnownToken | undefined {
  const given = digest(text)
  return tokens.filter(({ sha256 }) => timingSafeEqual(given, Buffer.from(sha256, 'hex'))).at(0)
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest()
}

/** Path of a file of tokens; gives what it says. */
export const tokensFile = z
  .string('must be text')
  .transform((path, context): readonly KnownToken[] => {
    try {
      return parseTokens(readFileSync(path, 'utf8'))
    } catch (error) {
      const { code, message } = error as NodeJS.ErrnoException
      context.addIssue({
        code: 'custom',
        message: code === undefined ? message : `The file cannot be read (${code}).`,
      })
      return z.NEVER
    }
  })
