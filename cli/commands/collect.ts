import { CHANNELS, type Channel } from '@backtide/core/channel'
import { InvalidArgumentError, type Command } from 'commander'
import type { CollectedConnection } from '../live-answers.ts'
import { printJson, type Context } from '../context.ts'
import { CliError, EXIT, type ExitCode } from '../exit.ts'
import { formatTable } from '../show/format.ts'
import { openStarlistings, STARLISTINGS } from '../starlistings.ts'

const EXAMPLES = `
What is collected already stays as it is. Without options it is what markets in backtide.yaml say.

Examples:
  backtide collect --exchange binance --market spot --symbols BTCUSDT --channels trades,book
  backtide collect --starlistings starlistings.yaml
  backtide feeds --watch`

interface Options {
  readonly exchange?: string
  readonly market?: string
  readonly symbols?: readonly string[]
  readonly channels?: readonly Channel[]
  readonly starlistings?: string | true
  readonly replicas?: number
  readonly json?: boolean
}

/** A `POST /feeds`. */
interface Asked {
  readonly exchange: string
  readonly market: string
  readonly symbols: readonly string[]
  readonly channels: readonly Channel[]
}

/** `backtide collect`: have feeds collected from now on. */
export function addCollect(
  program: Command,
  context: Context,
  end: (code: ExitCode) => void,
): void {
  program
    .command('collect')
    .description('have live feeds collected from now on')
    .option('--exchange <name>', 'hyperliquid, binance')
    .option('--market <name>', 'perp, spot')
    .option('--symbols <list>', 'as the exchange writes them, comma-separated', namesOf)
    .option('--channels <list>', `of ${CHANNELS.join(', ')}`, channelsOf)
    .option('--starlistings [file]', `what a file of starlistings names (${STARLISTINGS})`)
    .option('--replicas <count>', 'how often, on different hosts (1)', countOf)
    .option('--json', "print the API's answers as one line")
    .addHelpText('after', EXAMPLES)
    .action(async (options: Options) =>
      end(await collect(context, await askedBy(options, program), options)),
    )
}

async function collect(
  context: Context,
  all: readonly Asked[],
  { replicas, json }: Options,
): Promise<ExitCode> {
  const connections: CollectedConnection[] = []
  const warnings = new Set<string>()
  for (const asked of all) {
    const body = { ...asked, ...(replicas !== undefined && { replicas }) }
    const answer = (await context.client().post('/feeds', body)) as {
      readonly connections: readonly CollectedConnection[]
      readonly warnings: readonly string[]
    }
    connections.push(...answer.connections)
    for (const warning of answer.warnings) warnings.add(warning)
  }
  if (json) printJson(context, { connections, warnings: [...warnings] })
  else context.print(showCollected(connections))
  for (const warning of warnings) context.tell(`warning: ${warning}`)
  return EXIT.done
}

function showCollected(connections: readonly CollectedConnection[]): string {
  const rows = connections.map(({ id, feeds, started }) => [
    id,
    started ? 'started' : 'collected before',
    feeds.length === 1 ? (feeds[0]?.symbol ?? '') : `${feeds.length} symbols`,
    [...new Set(feeds.flatMap(({ channels }) => channels))].join(','),
  ])
  return formatTable([['CONNECTION', '', 'SYMBOLS', 'CHANNELS'], ...rows])
}

async function askedBy(options: Options, program: Command): Promise<readonly Asked[]> {
  const { exchange, market, symbols, channels, starlistings } = options
  const one = [exchange, market, symbols]
  if (starlistings !== undefined) {
    if (one.some((part) => part !== undefined)) {
      throw usage('name what to collect by --starlistings, or by --exchange and --market')
    }
    return starlisted(starlistings === true ? STARLISTINGS : starlistings, channels)
  }
  if (exchange !== undefined && market !== undefined && symbols && channels) {
    return [{ exchange, market, symbols, channels }]
  }
  if ([...one, channels].some((part) => part !== undefined)) {
    throw usage('name all of --exchange, --market, --symbols and --channels')
  }
  const { readMarkets } = await import('../settings.ts')
  const configured = readMarkets(program.opts())
  if (configured.length > 0) {
    return configured.map(({ baseUrl: _ws, restUrl: _rest, ...asked }) => asked)
  }
  throw usage(
    'nothing to collect: name --exchange, --market, --symbols and --channels, or --starlistings FILE, or write markets into backtide.yaml',
  )
}

/** One request a market. */
function starlisted(file: string, channels: readonly Channel[] | undefined): readonly Asked[] {
  const markets = new Map<string, Asked>()
  for (const { exchange, market, coin } of openStarlistings(file)) {
    const key = `${exchange} ${market}`
    const known = markets.get(key)?.symbols ?? []
    markets.set(key, {
      exchange,
      market,
      symbols: [...new Set([...known, coin])],
      channels: channels ?? (exchange === 'hyperliquid' && market === 'perp' ? PERP : CANDLES),
    })
  }
  return [...markets.values()]
}

/** What follows a starlisting, where the market sends it. */
const CANDLES: readonly Channel[] = ['candles']
const PERP: readonly Channel[] = ['candles', 'funding', 'open_interest']

function namesOf(text: string): readonly string[] {
  return text
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '')
}

function channelsOf(text: string): readonly Channel[] {
  return namesOf(text).map((name) => {
    const channel = CHANNELS.find((one) => one === name)
    if (channel) return channel
    throw new InvalidArgumentError(`"${name}" is none of ${CHANNELS.join(', ')}`)
  })
}

function countOf(text: string): number {
  if (/^[1-3]$/.test(text)) return Number(text)
  throw new InvalidArgumentError('use 1, 2 or 3')
}

function usage(message: string): CliError {
  return new CliError(EXIT.usage, `${message}; see backtide collect --help`)
}
