import type { Command } from 'commander'
import type { Backfill } from '../answers.ts'
import type { Repair } from '../coverage-answers.ts'
import { printJson, type Context } from '../context.ts'
import { CliError, EXIT, type ExitCode } from '../exit.ts'
import { exitCodeOf, follow } from '../follow.ts'
import { addScope, DEFAULT_RANGE, fillScope, type ScopeOptions } from '../options.ts'
import { readGaps, type Parts } from '../read-gaps.ts'
import { showBackfill } from '../show/backfill.ts'
import { describeRepair } from '../show/repair.ts'

interface Options extends ScopeOptions {
  readonly dryRun?: boolean
  readonly wait?: boolean
  readonly json?: boolean
}

const EXAMPLES = `
Examples:
  backtide repair hyperliquid.l2_book --coins BTC,ETH --month 2025-01 --wait
  backtide repair hyperliquid.asset_ctxs --last 30d --dry-run
  backtide gaps hyperliquid.l2_book --coins BTC --last 90d --min 2h --json | backtide repair -

It loads what a load could change: what was never asked for, failed, was reset or is unverified, what is
pending and due, and what an older decoder could not read. What is missing, corrupt or degraded is final,
until "backtide backfill ... --reprocess missing" (or corrupt, degraded) looks at it again.

${DEFAULT_RANGE}

stdout has the id of each backfill. Exit code with --wait as of "backtide backfill --wait", the worst of
them; 3 when parts are left for another "repair".`

/** `backtide repair`: loads what of a range, or of the gaps piped in, is repairable. */
export function addRepair(program: Command, context: Context, end: (code: ExitCode) => void): void {
  const command = program
    .command('repair')
    .description('load what of a range is repairable, and nothing else')
    .argument('<dataset>', 'for example hyperliquid.l2_book; - reads gaps from stdin')
  addScope(command)
    .option('--dry-run', 'only say what would be loaded')
    .option('--wait', 'follow the backfills to their end')
    .option('--json', "print the API's answers, one a line")
    .addHelpText('after', EXAMPLES)
    .action(async (dataset: string, options: Options) => end(await run(context, dataset, options)))
}

async function run(context: Context, dataset: string, options: Options): Promise<ExitCode> {
  const { dryRun = false, wait, json, ...asked } = options
  const requests =
    dataset === '-'
      ? await readPiped(context, asked)
      : [{ dataset, parts: [await fillScope(context, dataset, asked)] }]
  const ids: string[] = []
  let left = 0
  for (const request of requests) {
    const answer = (await context.client().post('/repairs', { ...request, dryRun })) as Repair
    const started = answer.backfills.flatMap(({ id }) => id ?? [])
    ids.push(...started)
    left += answer.left
    if (json && !wait) printJson(context, answer)
    else if (!wait) for (const id of started) context.print(id)
    if (!json) for (const line of describeRepair(answer, dryRun)) context.tell(line)
  }
  const code = wait ? await followAll(context, ids, json ?? false) : EXIT.done
  return left > 0 && code === EXIT.done ? EXIT.incomplete : code
}

/** @throws CliError 2 unless gaps are piped in, and nothing else names a part */
async function readPiped(context: Context, asked: ScopeOptions): Promise<readonly Parts[]> {
  if (Object.keys(asked).length > 0) {
    throw new CliError(EXIT.usage, 'repair - takes the gaps from stdin; leave range and coins out')
  }
  const text = await context.readInput()
  if (text !== undefined) return readGaps(text)
  const example = 'backtide gaps DATASET --coins BTC --last 7d --json | backtide repair -'
  throw new CliError(EXIT.usage, `repair - reads gaps from a pipe: ${example}`)
}

/** Follows them one after the other, as they run at the same time; the worst end counts. */
async function followAll(
  context: Context,
  ids: readonly string[],
  json: boolean,
): Promise<ExitCode> {
  const codes: ExitCode[] = []
  for (const id of new Set(ids)) {
    context.tell(`backfill ${id}`)
    const final: Backfill = await follow(context, id)
    if (json) printJson(context, final)
    else context.print(showBackfill(final))
    codes.push(exitCodeOf(final))
  }
  return codes.toSorted((a, b) => b - a)[0] ?? EXIT.done
}
