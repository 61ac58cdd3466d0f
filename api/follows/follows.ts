import { createHash } from 'node:crypto'
import { formatDuration, parseDuration } from '@backtide/core/duration'
import type { FollowInput } from '@backtide/core/follow'
import { LOAD_QUEUE } from '@backtide/core/ids'
import { partitionLength } from '@backtide/core/partition'
import { quote, type FieldError } from '@backtide/core/problem'
import { DAY_MS, formatInstant, HOUR_MS } from '@backtide/core/range'
import { resolveScope } from '@backtide/core/request'
import { splitSeries } from '@backtide/core/series'
import { expandCoins } from '../backfills/listed-coins.ts'
import { OBJECTS_PER_LOAD } from '../backfills/submit.ts'
import { workflowPage, type Deps } from '../deps.ts'
import { invalidRequest, ProblemError } from '../http/problem.ts'
import type { Follow } from '../temporal/follows.ts'
import type { FollowBody, FollowView } from './schemas.ts'

/**
 * Follows a dataset, or changes how it is followed: of a dataset, coins and intervals there is one.
 * @throws ProblemError 422 naming what is wrong
 */
export async function putFollow(deps: Deps, body: FollowBody): Promise<string> {
  const input = await resolveFollow(deps, body)
  await deps.follows.put(input)
  return input.followId
}

/** @throws ProblemError 404 */
export async function findFollow(deps: Deps, id: string): Promise<FollowView> {
  const found = FOLLOW_ID.test(id) ? await deps.follows.find(id) : undefined
  if (!found) throw noSuchFollow(id)
  return await viewFollow(deps, found)
}

export function noSuchFollow(id: string): ProblemError {
  const detail = `Nothing is followed under the id ${quote(id)}; GET /follows lists what is.`
  return new ProblemError({ code: 'not_found', detail })
}

/** What may be an id of what is followed; anything else is unknown without asking anybody. */
export const FOLLOW_ID = /^follow\.[a-zA-Z0-9._-]{1,190}$/

/** What is followed, when its next turn is due and what the last one did. */
export async function viewFollow(deps: Deps, follow: Follow): Promise<FollowView> {
  const { input, lastTurn, note, createdAt, nextAt } = follow
  const { followId, dataset, coins, intervals, from, everyMs, recentDays, after } = input
  return {
    id: followId,
    dataset,
    coins: [...coins],
    ...(intervals && { intervals: [...intervals] }),
    from: formatInstant(from),
    every: formatDuration(everyMs),
    recentDays,
    ...(after !== undefined && { after }),
    paused: follow.paused,
    ...(note && { note }),
    createdAt: formatInstant(createdAt),
    nextAt: nextAt[0] === undefined ? null : formatInstant(nextAt[0]),
    turns: follow.turns,
    skipped: follow.skipped,
    lastTurn: lastTurn ? await viewTurn(deps, lastTurn) : null,
    temporalUi: schedulePage(deps, followId),
  }
}

async function viewTurn(
  { follows, settings }: Deps,
  { workflowId, at }: NonNullable<Follow['lastTurn']>,
): Promise<NonNullable<FollowView['lastTurn']>> {
  const turn = await follows.turn(workflowId)
  return {
    id: workflowId,
    at: formatInstant(at),
    endedAt: turn?.endedAt === undefined ? null : formatInstant(turn.endedAt),
    state: turn?.state ?? 'unknown',
    parts: turn?.result?.parts.map((part) => ({ ...part })) ?? [],
    temporalUi: workflowPage(settings, workflowId),
  }
}

function schedulePage({ settings: { temporalUi, namespace } }: Deps, id: string): string {
  return `${temporalUi}/namespaces/${encodeURIComponent(namespace)}/schedules/${encodeURIComponent(id)}`
}

async function resolveFollow(deps: Deps, body: FollowBody): Promise<FollowInput> {
  const { registry, settings, runs } = deps
  const now = deps.now()
  const { granularity = 'day', begins = 0 } = registry.find(body.dataset) ?? {}
  const length = partitionLength(granularity)
  const to = formatInstant(Math.floor(now / length) * length)
  const usual = Math.max(begins, (Math.floor(now / DAY_MS) - body.recentDays) * DAY_MS)
  const asked = { ...body, from: body.from ?? formatInstant(usual), to }
  const resolved = resolveScope(await expandCoins(deps, asked), registry, now)
  if (!resolved.ok) throw invalidRequest(resolved.errors.map(nameFrom))
  const { dataset, symbols, range } = resolved.value
  const { coins, intervals } = splitSeries(symbols)
  const all = body.coins?.includes('*') ?? false
  const scope = { dataset, coins: all ? ['*'] : coins, ...(intervals && { intervals }) }
  return {
    ...scope,
    followId: idOf(scope),
    from: range.from,
    everyMs: parseDuration(body.every) ?? HOUR_MS,
    recentDays: body.recentDays,
    ...(body.after !== undefined && { after: body.after }),
    indexed: await runs.indexed(),
    objectsPerLoad: OBJECTS_PER_LOAD,
    loadQueue: LOAD_QUEUE,
    tempo: settings.tempo,
  }
}

/** Nobody asked for an end: one that is before the start says that of the start. */
function nameFrom(error: FieldError): FieldError {
  return error.pointer === '/to' ? { ...error, pointer: '/from' } : error
}

/** `follow.hyperliquid.l2_book.1a2b3c4d`: the same for the same coins and intervals. */
function idOf({
  dataset,
  coins,
  intervals = [],
}: Pick<FollowInput, 'dataset' | 'coins' | 'intervals'>) {
  const text = JSON.stringify([dataset, coins.toSorted(), intervals.toSorted()])
  return `follow.${dataset}.${createHash('sha256').update(text).digest('hex').slice(0, 8)}`
}
