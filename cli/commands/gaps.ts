import { GAP_CAUSES } from '@backtide/core/gap'
import type { Command } from 'commander'
import type { Gap, GapPage } from '../coverage-answers.ts'
import { printJson, type Context } from '../context.ts'
import { EXIT, type ExitCode } from '../exit.ts'
import {
  addScope,
  DEFAULT_RANGE,
  fillScope,
  queryOf,
  readInteger,
  type ScopeOptions,
} from '../options.ts'
import { formatNumber, formatTable } from '../show/format.ts'

interface Options extends ScopeOptions {
  readonly min?: string
  readonly cause?: string
  readonly limit?: number
  readonly json?: boolean
}

/** Gaps of one question; there may be many of them. */
const PAGE = 1_000

/** Most gaps that are shown to people unless they ask for more. */
const MOST_SHOWN = 200

const EXAMPLES = `
Examples:
  backtide gaps hyperliquid.l2_book --coins BTC --month 2025-01
  backtide gaps hyperliquid.l2_book --coins @coins.txt --last 30d --min 1h --cause missing,corrupt
  backtide gaps hyperliquid.l2_book --coins BTC,ETH --month 2025-01 --json | backtide repair -

Causes: ${GAP_CAUSES.join(', ')}. Consecutive hours or days of one coin and one cause are one gap.

${DEFAULT_RANGE}`

/** `backtide gaps`: where a range is not complete, and why. */
export function addGaps(program: Command, context: Context, end: (code: ExitCode) => void): void {
  const command = program
    .command('gaps')
    .description('list what of a range is not complete, and why')
    .argument('<dataset>', 'for example hyperliquid.l2_book')
  addScope(command)
    .option('--min <span>', 'only gaps of this length or longer: 90m, 1h, 7d')
    .option('--cause <list>', 'only gaps of these causes, comma-separated')
    .option('--limit <gaps>', `so many at most; ${MOST_SHOWN}, and all with --json`, readInteger)
    .option('--json', 'print one gap a line (NDJSON)')
    .addHelpText('after', EXAMPLES)
    .action(async (dataset: string, options: Options) => end(await run(context, dataset, options)))
}

async function run(context: Context, dataset: string, options: Options): Promise<ExitCode> {
  const { json, min, cause, limit = json ? Infinity : MOST_SHOWN, ...asked } = options
  const scope = await fillScope(context, dataset, asked)
  const query = {
    ...queryOf(dataset, scope),
    min,
    cause,
  }
  const shown: Gap[] = []
  let count = 0
  let next: string | null | undefined
  while (next !== null && count < limit) {
    const page = await ask(context, query, { limit: limit - count, cursor: next })
    for (const gap of page.gaps) {
      if (json) printJson(context, gap)
      else shown.push(gap)
    }
    count += page.gaps.length
    next = page.next
  }
  if (!json) context.print(showGaps(shown))
  if (next && !json) context.tell('there are more; --limit shows them')
  return EXIT.done
}

async function ask(
  context: Context,
  query: Readonly<Record<string, string | undefined>>,
  { limit, cursor }: { readonly limit: number; readonly cursor: string | undefined },
): Promise<GapPage> {
  const page = { limit: String(Math.min(PAGE, limit)), cursor }
  return (await context.client().get('/gaps', { ...query, ...page })) as GapPage
}

function showGaps(gaps: readonly Gap[]): string {
  if (gaps.length === 0) return 'no gaps'
  const rows = gaps.map(({ from, to, coin, interval, cause, objects, repairable, reason }) => [
    from,
    to,
    interval === undefined ? coin : `${coin} ${interval}`,
    cause,
    formatNumber(objects),
    repairable ? 'yes' : 'no',
    reason ?? '',
  ])
  return formatTable([['FROM', 'TO', 'COIN', 'CAUSE', 'OBJECTS', 'REPAIRABLE', 'REASON'], ...rows])
}
