import type { Command } from 'commander'
import { setTimeout as wait } from 'node:timers/promises'
import type { Connection } from '../live-answers.ts'
import { printJson, type Context } from '../context.ts'
import { EXIT, type ExitCode } from '../exit.ts'
import { formatTable } from '../show/format.ts'

const EXAMPLES = `
Examples:
  backtide feeds
  backtide feeds --watch
  backtide pause binance/spot/stream-0/1 --reason maintenance`

interface Options {
  readonly watch?: boolean
  readonly json?: boolean
}

const EVERY_MS = 2_000

/** `backtide feeds`: what is collected, and how it goes. */
export function addFeeds(program: Command, context: Context, end: (code: ExitCode) => void): void {
  program
    .command('feeds')
    .description('list what is collected live, and how it goes')
    .option('--watch', 'again every two seconds, until Ctrl-C')
    .option('--json', "print the API's answer as one line, again for each look")
    .addHelpText('after', EXAMPLES)
    .action(async (options: Options) => end(await feeds(context, options)))
}

async function feeds(context: Context, { watch, json }: Options): Promise<ExitCode> {
  const interrupted = new AbortController()
  const interrupt = () => interrupted.abort()
  if (watch) process.once('SIGINT', interrupt)
  try {
    do {
      const answer = (await context.client().get('/feeds')) as {
        readonly connections: readonly Connection[]
        readonly warnings: readonly string[]
      }
      if (json) printJson(context, answer)
      else if (answer.connections.length > 0) context.print(showFeeds(answer.connections))
      else context.tell('nothing is collected; backtide collect --help says how')
      for (const warning of answer.warnings) context.tell(`warning: ${warning}`)
      if (watch) await wait(EVERY_MS, undefined, { signal: interrupted.signal }).catch(() => {})
    } while (watch && !interrupted.signal.aborted)
    return watch ? EXIT.interrupted : EXIT.done
  } finally {
    process.removeListener('SIGINT', interrupt)
  }
}

function showFeeds(connections: readonly Connection[]): string {
  const rows = connections.map((one) => [
    one.id,
    one.reason === undefined ? one.state : `${one.state}: ${one.reason}`,
    one.host ?? '',
    `${one.feeds.length}`,
    `${one.messages}`,
    one.durable?.slice(0, 19) ?? '',
    `${one.openHoles}`,
    one.withoutData.join(' '),
  ])
  const head = ['CONNECTION', 'STATE', 'HOST', 'SYMBOLS', 'MESSAGES', 'ON DISK', 'HOLES', 'NO DATA']
  return formatTable([head, ...rows])
}
