import { formatUsd } from '@backtide/core/prices'
import { Option, type Command } from 'commander'
import type { Backfill, Dataset } from '../answers.ts'
import { printJson, type Context } from '../context.ts'
import { CliError, EXIT, type ExitCode } from '../exit.ts'
import { exitCodeOf, follow } from '../follow.ts'
import { readUsd } from '../options.ts'
import { formatBytes, formatNumber, formatTable } from '../show/format.ts'

interface Options {
  readonly dataset: string
  readonly coin?: string
  readonly maxUsd: number
  readonly json?: boolean
}

const EXAMPLES = `
Examples:
  backtide smoke --dataset hyperliquid.l2_book
  backtide smoke --dataset hyperliquid.asset_ctxs --max-usd 0.01
  backtide smoke --dataset binance.trades --coin ATOMBTC --json

Loads one small, recent object of the real archive, and says what of it was not known to Backtide. Its size
is looked up first: what would cost more than --max-usd is not loaded.

Exit code: 0 when all of it was known, 3 when something was not, 4 when something is down.`

/** Coins that little is traded of, and for long, by venue. */
const SMALL: Readonly<Record<string, string>> = {
  hyperliquid: 'ATOM',
  binance: 'ATOMBTC',
  sample: 'BTC',
}

/** `backtide smoke`: one small real object, from the archive to the database. */
export function addSmoke(program: Command, context: Context, end: (code: ExitCode) => void): void {
  program
    .command('smoke')
    .description('load one small real object, and say what of it was not known')
    .requiredOption('--dataset <id>', 'for example hyperliquid.l2_book')
    .option('--coin <name>', 'instead of one that little is traded of')
    .addOption(
      new Option('--max-usd <dollars>', 'load nothing that would cost more')
        .argParser(readUsd)
        .default(0.05),
    )
    .option('--json', 'print what was found as one line')
    .addHelpText('after', EXAMPLES)
    .action(async (options: Options) => end(await run(context, options)))
}

/** Answer of `POST /probes`. */
interface ProbedObject {
  readonly dataset: string
  readonly coins?: readonly string[]
  readonly intervals?: readonly string[]
  readonly from: string
  readonly to: string
  readonly partition: string
  readonly object: string
  readonly size: number
  readonly usd: number
}

/** Answer of `GET /backfills/{id}/partitions`. */
interface ObjectPage {
  readonly partitions: readonly {
    readonly state: string
    readonly reason?: string
    readonly rows?: number
    readonly lines?: number
    readonly details?: {
      readonly rejected?: Readonly<Record<string, number>>
      readonly warnings?: Readonly<Record<string, number>>
      readonly samples?: readonly string[]
      readonly unusual?: number
    }
  }[]
}

async function run(
  context: Context,
  { dataset: id, coin, maxUsd, json }: Options,
): Promise<ExitCode> {
  const client = context.client()
  const { datasets } = (await client.get('/datasets')) as { readonly datasets: readonly Dataset[] }
  const dataset = datasets.find((one) => one.id === id)
  if (!dataset) throw new CliError(EXIT.usage, `there is no dataset ${id}; see backtide datasets`)
  const probed = (await client.post('/probes', scopeOf(dataset, coin))) as ProbedObject
  const { object, size, usd, partition, ...scope } = probed
  if (usd > maxUsd) {
    const message = `${object} is ${formatBytes(size)}, ${formatUsd(usd)}: more than --max-usd ${maxUsd}`
    throw new CliError(EXIT.usage, message)
  }
  context.tell(`loading ${object}, ${formatBytes(size)}, ${formatUsd(usd)}`)
  // Looked at again, so that what is loaded already is tried as well.
  const { id: backfill } = (await client.post('/backfills', {
    ...scope,
    reprocess: 'all',
  })) as Backfill
  const ended = await follow(context, backfill)
  const path = `/backfills/${encodeURIComponent(backfill)}/partitions`
  const { partitions } = (await client.get(path)) as ObjectPage
  const unknown = partitions.flatMap(oddities)
  const found = {
    dataset: id,
    partition,
    object,
    bytes: size,
    usd: ended.spent.usd,
    backfill,
    state: ended.state,
    unknown,
  }
  if (json) printJson(context, { ...found, objects: partitions })
  else context.print(show({ ...found, partitions }))
  const code = exitCodeOf(ended)
  return code === EXIT.done && unknown.length > 0 ? EXIT.incomplete : code
}

function scopeOf({ id, symbols, intervals }: Dataset, coin: string | undefined) {
  const [venue = ''] = id.split('.')
  const name = coin ?? (symbols === 'named' ? SMALL[venue] : undefined)
  // The longest interval has the fewest rows.
  const interval = intervals?.includes('1h') ? '1h' : intervals?.at(-1)
  return {
    dataset: id,
    ...(name !== undefined && { coin: name }),
    ...(interval !== undefined && { interval }),
  }
}

/** What of an object was not known: rejected lines and warnings by reason, and a state that is not whole. */
function oddities({ state, reason, details }: ObjectPage['partitions'][number]): readonly string[] {
  const { rejected = {}, warnings = {}, samples = [], unusual = 0 } = details ?? {}
  return [
    ...(WHOLE.has(state) ? [] : [`${state}: ${reason ?? 'no reason given'}`]),
    ...counted('lines rejected:', rejected),
    ...counted('times odd:', warnings),
    ...(unusual > 0 ? [`${formatNumber(unusual)} lines of another form: new fields, perhaps`] : []),
    ...samples.map((line) => `such a line: ${line}`),
  ]
}

function counted(what: string, counts: Readonly<Record<string, number>>): readonly string[] {
  return Object.entries(counts).map(([why, count]) => `${formatNumber(count)} ${what} ${why}`)
}

const WHOLE: ReadonlySet<string> = new Set(['complete', 'complete_empty'])

function show(found: {
  readonly object: string
  readonly bytes: number
  readonly usd: number
  readonly state: string
  readonly backfill: string
  readonly unknown: readonly string[]
  readonly partitions: ObjectPage['partitions']
}): string {
  const { object, bytes, usd, state, backfill, unknown, partitions } = found
  const sum = (field: 'rows' | 'lines') =>
    formatNumber(partitions.reduce((total, one) => total + (one[field] ?? 0), 0))
  const [first = 'nothing', ...more] = unknown
  return formatTable([
    ['object', object],
    ['state', state],
    ['bytes', `${formatBytes(bytes)}, ${formatUsd(usd)}`],
    ['rows', `${sum('rows')} of ${sum('lines')} lines`],
    ['not known', first],
    ...more.map((line) => ['', line]),
    ['backfill', backfill],
  ])
}
