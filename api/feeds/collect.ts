import { planFeeds } from '@backtide/collector/plan'
import type { Venue } from '@backtide/collector/venue'
import { VENUES } from '@backtide/collector/venues'
import { CHANNELS, type Channel } from '@backtide/core/channel'
import { assignmentId, LIVE_TEMPO, type Assignment, type Wanted } from '@backtide/core/live'
import { nameSome, quote } from '@backtide/core/problem'
import type { Deps } from '../deps.ts'
import { invalidRequest, ProblemError } from '../http/problem.ts'
import type { FeedRuns } from '../temporal/feeds.ts'

/** What somebody wants to be collected of a market. */
export interface FeedsAsked {
  readonly exchange: string
  readonly market: string
  readonly symbols: readonly string[]
  readonly channels: readonly Channel[]
  /** How often, on different hosts. */
  readonly replicas: number
}

/** A connection that brings something of what was asked for. */
export interface Connection {
  readonly assignment: Assignment
  /** False for one that was there before. */
  readonly started: boolean
}

/**
 * Has feeds collected that are not yet. What is collected stays as it is; the rest gets connections of
 * its own, so that asking twice starts nothing twice.
 * @throws ProblemError 422 for what the venue does not have
 */
export async function collectFeeds(
  { feeds, store }: Pick<Deps, 'feeds' | 'store'>,
  asked: FeedsAsked,
): Promise<{ readonly connections: readonly Connection[]; readonly warnings: readonly string[] }> {
  const venue = findVenue(asked)
  const known = await store.listInstruments(asked.exchange)
  const warnings = checkSymbols(
    venue,
    asked,
    known.filter(({ market }) => market === asked.market).map(({ symbol }) => symbol),
  )
  const wanted = asked.symbols.map((symbol) => ({ symbol, channels: asked.channels }))
  const running = (await feeds.list())
    .map(({ assignment }) => assignment)
    .filter((one) => one.exchange === asked.exchange && one.market === asked.market)
  const connections: Connection[] = []
  for (let replica = 1; replica <= asked.replicas; replica++) {
    const own = running.filter((one) => one.replica === replica)
    connections.push(...(await collectReplica(feeds, { venue, replica, wanted, running: own })))
  }
  return { connections, warnings }
}

interface ReplicaAsked {
  readonly venue: Venue
  readonly replica: number
  readonly wanted: readonly Wanted[]
  readonly running: readonly Assignment[]
}

/** Names of connections that are tried before it is given up; others ask at the same time. */
const MOST_TRIES = 50

async function collectReplica(
  feeds: FeedRuns,
  { venue, replica, wanted, running }: ReplicaAsked,
): Promise<readonly Connection[]> {
  let there = running
  const started: Assignment[] = []
  for (let tries = 0; tries < MOST_TRIES; tries++) {
    const [first] = planFeeds(venue, missing(wanted, [...there, ...started]))
    if (!first) return connectionsOf(wanted, there, started)
    const { exchange, market } = venue
    const connection = freeName(first.route, [...there, ...started])
    const assignment = { exchange, market, connection, replica, wanted: first.wanted }
    checkRoom(venue, there.length + started.length)
    if ((await feeds.start({ assignment, tempo: LIVE_TEMPO })) === 'started') {
      started.push(assignment)
    } else {
      // Somebody else was faster, or the list is a second old.
      const other = await feeds.find(assignmentId(assignment))
      if (other) there = [...there, other.assignment]
    }
  }
  const detail = 'Others start feeds of this market at the same time: ask again.'
  throw new ProblemError({ code: 'loading', detail })
}

/** The parts of feeds that no connection brings. */
function missing(wanted: readonly Wanted[], there: readonly Assignment[]): readonly Wanted[] {
  const brought = new Set(there.flatMap((one) => one.wanted).flatMap(feedsOf))
  return wanted.flatMap(({ symbol, channels }) => {
    const left = channels.filter((channel) => !brought.has(`${symbol} ${channel}`))
    return left.length === 0 ? [] : { symbol, channels: left }
  })
}

function feedsOf({ symbol, channels }: Wanted): readonly string[] {
  return channels.map((channel) => `${symbol} ${channel}`)
}

function connectionsOf(
  wanted: readonly Wanted[],
  there: readonly Assignment[],
  started: readonly Assignment[],
): readonly Connection[] {
  const asked = new Set(wanted.flatMap(feedsOf))
  const before = there.filter((one) => one.wanted.flatMap(feedsOf).some((feed) => asked.has(feed)))
  return [
    ...before.map((assignment) => ({ assignment, started: false })),
    ...started.map((assignment) => ({ assignment, started: true })),
  ]
}

function freeName(route: string, taken: readonly Assignment[]): string {
  const names = new Set(taken.map(({ connection }) => connection))
  for (let at = 0; ; at++) if (!names.has(`${route}-${at}`)) return `${route}-${at}`
}

function checkRoom({ exchange, market, limits }: Venue, connections: number): void {
  const { connectionsPerAddress: most = Infinity } = limits
  if (connections < most) return
  const detail = `${exchange} ${market} allows ${most} connections, and all are in use; cancel one (backtide feeds lists them), and ask for all of its feeds at once.`
  throw invalidRequest([{ pointer: '/symbols', detail }])
}

/** @throws ProblemError 422 */
function findVenue({ exchange, market, channels }: FeedsAsked): Venue {
  const venue = VENUES.find((one) => one.exchange === exchange && one.market === market)
  if (!venue) {
    const allowed = VENUES.map((one) => `${one.exchange} ${one.market}`)
    const detail = `${quote(`${exchange} ${market}`)} cannot be collected; there are ${allowed.join(', ')}.`
    throw invalidRequest([{ pointer: '/market', detail, allowed }])
  }
  const has = channelsOf(venue)
  const without = channels.filter((channel) => !has.includes(channel))
  if (without.length === 0) return venue
  const detail = `${exchange} ${market} does not send ${without.join(', ')}; it sends ${has.join(', ')}.`
  throw invalidRequest([{ pointer: '/channels', detail, allowed: has }])
}

/** Channels that a market has, seen at a symbol that looks like one of it. */
function channelsOf(venue: Venue): readonly Channel[] {
  const example = ['BTCUSDT', '@1'].find((symbol) =>
    CHANNELS.some((channel) => venue.symbol.test(symbol) && venue.streams(symbol, channel).length),
  )
  return CHANNELS.filter((one) => example !== undefined && venue.streams(example, one).length > 0)
}

/** @throws ProblemError 422 for symbols that nobody trades there */
function checkSymbols(
  venue: Venue,
  { symbols, exchange, market, channels }: FeedsAsked,
  known: readonly string[],
): readonly string[] {
  const traded = new Set(known)
  const [channel = 'trades'] = channels
  const wrong = symbols.filter((symbol) =>
    traded.size > 0
      ? !traded.has(symbol)
      : !venue.symbol.test(symbol) || venue.streams(symbol, channel).length === 0,
  )
  if (wrong.length > 0) {
    const names = nameSome(wrong.map(quote), 5)
    const detail = `${exchange} ${market} has no ${names}; backtide instruments --exchange ${exchange} --market ${market} lists what it has.`
    throw invalidRequest([{ pointer: '/symbols', detail }])
  }
  return traded.size > 0
    ? []
    : [`instruments of ${exchange} ${market} are not known: names were not checked`]
}
