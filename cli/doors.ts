import { venueOf } from '@backtide/core/instrument'
import { Option, type Command } from 'commander'
import { CliError, EXIT } from './exit.ts'

/**
 * Gives a command options as the users of other systems write them: `--start` and `--end` of the indexer,
 * `--coin` of btc-trading and Kirby, Kirby's `--all`. Help does not show them; docs/coming-from.md does.
 */
export function addDoors(command: Command, collect: (list: string, before?: string[]) => string[]) {
  const sameAs = (flags: string, set: (text: string) => void) => {
    const option = new Option(flags).hideHelp()
    command.addOption(option)
    command.on(`option:${option.name()}`, (text: string) => {
      set(text)
      // Only what it stands for has a value.
      command.setOptionValue(option.attributeName(), undefined)
    })
  }
  const coinsBefore = () => command.getOptionValue('coins') as string[] | undefined
  sameAs('--start <time>', (text) => command.setOptionValue('from', text))
  sameAs('--end <time>', (text) => command.setOptionValue('to', text))
  sameAs('--coin <list>', (text) => command.setOptionValue('coins', collect(text, coinsBefore())))
  sameAs('--all', () => command.setOptionValue('coins', ['*']))
}

/** Datasets that btc-trading's and Kirby's calls mean, which name none: candles of an exchange. */
const CANDLES: Readonly<Record<string, string>> = {
  hyperliquid: 'hyperliquid.candles',
  binance: 'binance.klines',
}

const INTERVAL = /^\d{1,2}[smhdwM]$/

/** Words of a command line that are no options: a dataset, and `5m 1h` of `--intervals 1m 5m 1h`. */
export function readWords(words: readonly string[]): {
  readonly datasets: readonly string[]
  readonly intervals: readonly string[]
} {
  const intervals = words.filter((word) => INTERVAL.test(word))
  const datasets = words.filter((word) => !INTERVAL.test(word))
  if (datasets.length <= 1) return { datasets, intervals }
  const message = `${datasets.slice(1).join(' ')} is too much: name one dataset, or several with --dataset`
  throw new CliError(EXIT.usage, message)
}

/**
 * What is loaded where no dataset is named, as the users of other systems do: with intervals the candles of
 * the exchange; undefined where that does not say it.
 * @throws CliError 2 for datasets of another exchange
 */
export function datasetsOf(
  datasets: readonly string[],
  exchange?: string,
  intervals?: readonly string[],
): readonly string[] {
  const strangers = datasets.filter((id) => exchange !== undefined && venueOf(id) !== exchange)
  if (strangers.length > 0) {
    throw new CliError(EXIT.usage, `${strangers.join(', ')} is not of --exchange ${exchange}`)
  }
  if (datasets.length > 0 || intervals === undefined) return datasets
  const name = exchange ?? 'hyperliquid'
  const candles = Object.hasOwn(CANDLES, name) ? CANDLES[name] : undefined
  if (candles !== undefined) return [candles]
  const known = Object.keys(CANDLES).join(', ')
  throw new CliError(EXIT.usage, `no candles of exchange ${name}; there are those of ${known}`)
}
