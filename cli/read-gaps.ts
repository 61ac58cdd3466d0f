import { CliError, EXIT } from './exit.ts'

/** A part of a dataset as `POST /repairs` takes it. */
export interface Part {
  readonly coins?: readonly string[]
  readonly intervals?: readonly string[]
  readonly from: string
  readonly to: string
}

/** Parts of one request. */
export interface Parts {
  readonly dataset: string
  readonly parts: readonly Part[]
}

/** What one request holds: the API takes 500 parts, and 64 KiB. */
const MOST_PARTS = 400
const MOST_CHARACTERS = 40_000

/**
 * Reads gaps as `backtide gaps --json` prints them, one a line, and puts coins with the same gap together:
 * as few requests as hold them.
 * @throws CliError 2 for what is no gap, by its line
 */
export function readGaps(text: string): readonly Parts[] {
  const together = new Map<string, { dataset: string; coins: Set<string>; part: Part }>()
  for (const [index, line] of text.split('\n').entries()) {
    if (line.trim() === '') continue
    const { dataset, coin, interval, from, to } = readGap(line, index + 1)
    const key = JSON.stringify([dataset, interval, from, to, coin === '*'])
    const part = { ...(interval !== undefined && { intervals: [interval] }), from, to }
    const one = together.get(key) ?? { dataset, coins: new Set(), part }
    if (coin !== '*') one.coins.add(coin)
    together.set(key, one)
  }
  const all = [...together.values()].map(({ dataset, coins, part }) => ({
    dataset,
    part: coins.size > 0 ? { coins: [...coins], ...part } : part,
  }))
  return [...new Set(all.map(({ dataset }) => dataset))].flatMap((dataset) =>
    cut(all.filter((one) => one.dataset === dataset).map(({ part }) => part)).map((parts) => ({
      dataset,
      parts,
    })),
  )
}

function cut(parts: readonly Part[]): readonly (readonly Part[])[] {
  const requests: Part[][] = []
  let size = Infinity
  for (const part of parts) {
    const more = JSON.stringify(part).length
    if (size + more > MOST_CHARACTERS || (requests.at(-1)?.length ?? 0) >= MOST_PARTS) {
      requests.push([])
      size = 0
    }
    requests.at(-1)?.push(part)
    size += more
  }
  return requests
}

interface GapLine {
  readonly dataset: string
  readonly coin: string
  readonly interval?: string
  readonly from: string
  readonly to: string
}

function readGap(line: string, number: number): GapLine {
  const gap = parse(line)
  const named = ['dataset', 'coin', 'from', 'to'].every((name) => typeof gap?.[name] === 'string')
  const { interval } = gap ?? {}
  if (gap && named && (interval === undefined || typeof interval === 'string')) {
    return gap as unknown as GapLine
  }
  const message = `line ${number} is not a gap; pipe in what backtide gaps --json prints`
  throw new CliError(EXIT.usage, message)
}

function parse(line: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(line)
    return typeof value === 'object' && value !== null
      ? (value as Record<string, unknown>)
      : undefined
  } catch {
    return undefined
  }
}
