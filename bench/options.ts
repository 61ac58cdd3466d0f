import { parseArgs } from 'node:util'

/** What can be measured; some take long and are only measured when they are asked for. */
export const SUBJECTS = [
  'load',
  'stages',
  'durable',
  'orchestration',
  'klines',
  'trades',
  'histories',
  'amplification',
  'memory',
  'coverage',
  'late-day',
  'large',
] as const

export type Subject = (typeof SUBJECTS)[number]

/** What to measure, over how much. */
export interface Options {
  readonly subjects: readonly Subject[]
  /** Hours of the load path's input. */
  readonly hours: number
  /** Books in an hour of BTC; the inputs of the other subjects are parts of it. */
  readonly books: number
  /** How often everything is timed, after a warm-up. */
  readonly runs: number
  /** A program in Rust to compare the load path with. */
  readonly rust?: string
  readonly json: boolean
}

/** The arguments cannot be understood; the message says what is allowed. */
export class UsageError extends Error {
  override readonly name = 'UsageError'
}

/**
 * Reads command line arguments.
 * @throws UsageError
 */
export function readOptions(args: readonly string[]): Options {
  const { json, only, hours, books, runs, rust } = parse(args)
  return {
    json: json ?? false,
    subjects:
      only === undefined
        ? SUBJECTS.filter((one) => one !== 'large' && one !== 'late-day')
        : subjectsIn(only),
    hours: count('--hours', hours, { fallback: 24, most: 24 }),
    books: count('--books', books, { fallback: 6000, most: 100_000 }),
    runs: count('--runs', runs, { fallback: 3, most: 100 }),
    ...(rust === undefined ? {} : { rust }),
  }
}

function parse(args: readonly string[]) {
  const text = { type: 'string' } as const
  const options = {
    json: { type: 'boolean' },
    only: text,
    hours: text,
    books: text,
    runs: text,
    rust: text,
  } as const
  try {
    return parseArgs({ args: [...args], options }).values
  } catch (error) {
    throw new UsageError(`${error instanceof Error ? error.message : String(error)}. ${USAGE}`)
  }
}

function subjectsIn(text: string): Subject[] {
  return text.split(',').map((name) => {
    const subject = SUBJECTS.find((known) => known === name)
    if (!subject) throw new UsageError(`--only takes some of ${SUBJECTS.join(',')}, not ${name}`)
    return subject
  })
}

function count(
  name: string,
  text: string | undefined,
  { fallback, most }: { readonly fallback: number; readonly most: number },
): number {
  const value = text === undefined ? fallback : Number(text)
  if (Number.isInteger(value) && value >= 1 && value <= most) return value
  throw new UsageError(`${name} is a whole number from 1 to ${most}, not ${text}`)
}

const USAGE = 'Known are --json, --only a,b, --hours n, --books n, --runs n, --rust PATH'
