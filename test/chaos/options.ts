import { parseArgs } from 'node:util'

/** What `npm run chaos` was asked for. */
export interface Options {
  readonly seed: number
  readonly stormMs: number
}

/** The arguments cannot be understood; the message says what is allowed. */
export class UsageError extends Error {
  override readonly name = 'UsageError'
}

const USAGE =
  'npm run chaos -- [--minutes n | --seconds n] [--seed n]; without a seed one is chosen'

/** Reads command line arguments. @throws UsageError */
export function readOptions(args: readonly string[]): Options {
  const { minutes, seconds, seed } = parse(args)
  if (minutes !== undefined && seconds !== undefined) {
    throw new UsageError(`--minutes or --seconds, not both. ${USAGE}`)
  }
  const stormSeconds =
    seconds === undefined ? 60 * number('--minutes', minutes ?? '1') : number('--seconds', seconds)
  return {
    seed: seed === undefined ? Math.floor(Math.random() * 1_000_000) : number('--seed', seed),
    stormMs: Math.round(stormSeconds * 1000),
  }
}

function parse(args: readonly string[]) {
  const text = { type: 'string' } as const
  try {
    return parseArgs({ args: [...args], options: { minutes: text, seconds: text, seed: text } })
      .values
  } catch (error) {
    throw new UsageError(`${error instanceof Error ? error.message : String(error)}. ${USAGE}`)
  }
}

function number(name: string, text: string): number {
  const value = Number(text)
  if (text !== '' && Number.isFinite(value) && value >= 0) return value
  throw new UsageError(`${name} is a number from 0 on, not ${JSON.stringify(text)}. ${USAGE}`)
}
