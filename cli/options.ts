import { readFileSync } from 'node:fs'
import { parseHours, partitionLength } from '@backtide/core/partition'
import { DAY_MS, fillRange, formatInstant, HOUR_MS } from '@backtide/core/range'
import { InvalidArgumentError, type Command } from 'commander'
import type { Dataset } from './answers.ts'
import type { Context } from './context.ts'
import { addDoors } from './doors.ts'
import { CliError, EXIT } from './exit.ts'

/** Which part of a dataset a command line asks for, as it is written. */
export interface ScopeOptions {
  readonly coins?: string[]
  readonly intervals?: string[]
  readonly from?: string
  readonly to?: string
  readonly last?: string
  readonly month?: string
  readonly days?: string
}

/** The options that name a part of a dataset: the same for every command that takes one. */
export function addScope(command: Command, coins = 'comma-separated; may be repeated'): Command {
  addDoors(command, collectCoins)
  return command
    .option('--from <time>', 'first hour or day: 2025-01-01, 2025-01-01T07 (UTC)')
    .option('--to <time>', 'end of the range, exclusive (UTC)')
    .option('--last <span>', 'instead: the last hours or days that have ended, 24h or 7d')
    .option('--month <month>', 'instead: a month, as far as its days have ended, 2025-03')
    .option('--days <count>', 'instead: so many days that have ended, or max for all there are')
    .option('--coins <list>', `${coins}; @names.txt reads them from a file`, collectCoins)
    .option(
      '--intervals <list>',
      'where the dataset has them, for example 1m,5m, or all',
      collectIntervals,
    )
}

/** What commands that read or load say of a range that is left out. */
export const DEFAULT_RANGE =
  'Without a range it is the last 7 days; without --to up to the last hour or day that has ended.'

/**
 * The fields of a request for what the options of `addScope` name, at an instant (UTC milliseconds).
 * @throws CliError 2 unless the range is named in exactly one way
 */
export function readScope<Options extends ScopeOptions>(options: Options, now: number) {
  const { from, to, last, month, days, ...rest } = options
  const ways = [from ?? to, last, month, days].filter((way) => way !== undefined)
  if (ways.length !== 1) {
    throw usage('name one range: --from and --to, --last 24h, --month 2025-03, or --days 30')
  }
  if (days !== undefined) return { ...rest, ...daysRange(days, now) }
  if (last !== undefined) return { ...rest, ...lastRange(last, now) }
  if (month !== undefined) return { ...rest, ...monthRange(month, now) }
  if (from === undefined) throw usage("required option '--from <time>' not specified")
  if (to === undefined) throw usage("required option '--to <time>' not specified")
  return { ...rest, from, to }
}

/**
 * The same, with the bounds that were left out: the API is asked how long the partitions of the dataset are.
 * @throws CliError 2 when the range is named in several ways
 */
export async function fillScope<Options extends ScopeOptions>(
  context: Context,
  dataset: string,
  options: Options,
) {
  const now = Date.now()
  const { from, to, last, month, days, ...rest } = options
  const isWhole = from !== undefined && to !== undefined
  const isSpan = (last ?? month ?? days) !== undefined
  const isAll = days === MAX_DAYS && (from ?? to ?? last ?? month) === undefined
  if (isWhole || (isSpan && !isAll)) return readScope(options, now)
  const answer = await context.client().get('/datasets')
  const { datasets } = answer as { readonly datasets: readonly Dataset[] }
  const { granularity = 'day', begins } = datasets.find(({ id }) => id === dataset) ?? {}
  if (isAll) return { ...rest, from: begins ?? '2020-01-01', to: lastDay(now) }
  const range = fillRange({ from, to }, partitionLength(granularity), now)
  context.tell(`${dataset}: ${range.from} → ${range.to}`)
  return readScope({ ...options, ...range }, now)
}

/** The same as a query. */
export function queryOf(
  dataset: string,
  { coins, intervals, from, to }: ReturnType<typeof readScope>,
): Readonly<Record<string, string | undefined>> {
  return { dataset, coins: coins?.join(','), intervals: intervals?.join(','), from, to }
}

function lastRange(span: string, now: number) {
  const [, count, unit] = /^([1-9]\d{0,4})([hd])$/.exec(span) ?? []
  if (count === undefined) throw usage('--last is a number of hours or days, such as 24h or 7d')
  const length = unit === 'h' ? HOUR_MS : DAY_MS
  const to = Math.floor(now / length) * length
  return { from: formatInstant(to - Number(count) * length), to: formatInstant(to) }
}

/** All that a venue has: the API leaves out what it has not any more, and says so. */
export const MAX_DAYS = 'max'

function daysRange(text: string, now: number) {
  if (!/^[1-9]\d{0,4}$/.test(text)) throw usage('--days is a number of days, such as 30, or max')
  return lastRange(`${text}d`, now)
}

function lastDay(now: number): string {
  return formatInstant(Math.floor(now / DAY_MS) * DAY_MS)
}

function monthRange(text: string, now: number) {
  const [, year, month] = /^(\d{4})-(0[1-9]|1[0-2])$/.exec(text) ?? []
  if (year === undefined) throw usage('--month is a year and a month, such as 2025-03')
  const end = Date.UTC(Number(year), Number(month), 1)
  const to = Math.min(end, Math.floor(now / DAY_MS) * DAY_MS)
  return { from: `${text}-01`, to: formatInstant(to) }
}

function usage(message: string): CliError {
  return new CliError(EXIT.usage, message)
}

/** Coins of a list, or of a file: `@107` is a coin, `@107.txt` and `@./107` are files. */
export function collectCoins(list: string, before: string[] = []): string[] {
  if (!/^@.*[^\d,]/.test(list) || list.includes(',')) return collectNames(list, before)
  try {
    const names = readFileSync(list.slice(1), 'utf8').replaceAll(/\s#.*|^#.*/gm, '')
    return collectNames(names.replaceAll(/\s+/g, ','), before)
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? 'an error'
    throw new InvalidArgumentError(`The file cannot be read (${code}).`)
  }
}

/** Names of one comma-separated list added to those of the lists before it. */
export function collectNames(list: string, before: string[] = []): string[] {
  const names = list.split(',').map((name) => name.trim())
  return [...before, ...names.filter((name) => name !== '')]
}

/** Intervals of a list, which others write with spaces: `"1m 5m 1h"`. */
function collectIntervals(list: string, before: string[] = []): string[] {
  return collectNames(list.trim().replaceAll(/\s+/g, ','), before)
}

/** `0-7,14` as hours of a day. */
export function readHours(text: string): number[] {
  const hours = parseHours(text)
  if (!hours) throw new InvalidArgumentError('Expected hours from 0 to 23, such as 0-7,14.')
  return hours
}

/** Dollars; the API says how many are allowed. */
export function readUsd(text: string): number {
  if (!/^\d{1,9}(?:\.\d{1,6})?$/.test(text)) throw new InvalidArgumentError('Expected dollars.')
  return Number(text)
}

/** A whole number; the API says which ones are allowed. */
export function readInteger(text: string): number {
  if (!/^\d{1,9}$/.test(text)) throw new InvalidArgumentError('Expected a whole number.')
  return Number(text)
}
