import type { FollowList, FollowView } from '../answers.ts'
import { formatNumber, formatTable } from './format.ts'

/** What is followed, a line each. */
export function showFollows({ follows }: FollowList): string {
  if (follows.length === 0) return 'nothing is followed; see: backtide follow --help'
  const rows = follows.map((one) => [
    one.id,
    one.coins.length > 3 ? `${one.coins.length} coins` : one.coins.join(', '),
    one.every,
    one.paused ? 'paused' : shortTime(one.nextAt),
    shortTime(one.lastTurn?.at ?? null),
    describeTurn(one.lastTurn),
  ])
  return formatTable([['ID', 'COINS', 'EVERY', 'NEXT', 'LAST', 'WHAT IT DID'], ...rows])
}

/** One of what is followed. */
export function showFollow(one: FollowView): string {
  const { lastTurn, coins, intervals } = one
  return formatTable([
    ['id', one.id],
    ['dataset', one.dataset],
    ['coins', coins[0] === '*' ? 'all' : coins.join(', ')],
    ...(intervals ? [['intervals', intervals.join(', ')]] : []),
    ['from', one.from],
    ['every', one.every],
    ['next turn', one.paused ? `paused${one.note ? ` (${one.note})` : ''}` : (one.nextAt ?? '')],
    ['last turn', lastTurn ? `${lastTurn.at}: ${describeTurn(lastTurn)}` : 'none yet'],
    ...(lastTurn?.parts ?? []).map((part) => [
      part.why,
      `${part.outcome}: ${part.backfillId}${part.reason ? ` (${part.reason})` : ''}`,
    ]),
    ['turns', `${formatNumber(one.turns)}, ${formatNumber(one.skipped)} left out`],
    ['Temporal', one.temporalUi],
  ])
}

/** `newest complete, gaps started`, or that nothing was due. */
export function describeTurn(turn: FollowView['lastTurn']): string {
  if (!turn) return 'no turn yet'
  if (turn.state !== 'completed') return turn.state
  if (turn.parts.length === 0) return 'nothing was due'
  return turn.parts.map(({ why, outcome }) => `${why} ${outcome}`).join(', ')
}

function shortTime(at: string | null): string {
  return at === null ? '' : `${at.slice(0, 10)} ${at.slice(11, 16)}`
}
