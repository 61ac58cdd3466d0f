import type { Backfill } from './answers.ts'
import { printJson, type Context } from './context.ts'
import { EXIT, type ExitCode } from './exit.ts'
import { exitCodeOf, follow } from './follow.ts'
import { showBackfill, showResults } from './show/backfill.ts'
import { describeGaps } from './show/gaps.ts'

/** A body of `POST /backfills`, and the key that makes it the same backfill for ever. */
export interface Start {
  readonly body: { readonly dataset: string } & Readonly<Record<string, unknown>>
  readonly key?: string
}

/**
 * Starts backfills one after the other and prints the id of each; with `wait` it follows them to their
 * ends, and the exit code is the worst of theirs.
 */
export async function startBackfills(
  context: Context,
  starts: AsyncIterable<Start> | Iterable<Start>,
  { wait = false, json = false }: { readonly wait?: boolean; readonly json?: boolean },
): Promise<ExitCode> {
  const accepted: Backfill[] = []
  for await (const { body, key } of starts) {
    const headers = key === undefined ? {} : { 'Idempotency-Key': key }
    const backfill = (await context.client().post('/backfills', body, headers)) as Backfill
    if (wait) context.tell(`backfill ${backfill.id}`)
    else if (json) printJson(context, backfill)
    else context.print(backfill.id)
    for (const warning of backfill.warnings) context.tell(`warning: ${warning}`)
    if (!wait) context.tell(`accepted; follow it with: backtide status ${backfill.id} --watch`)
    accepted.push(backfill)
  }
  return wait ? await waitFor(context, accepted, json) : EXIT.done
}

/** Follows one after the other to the end of all; the exit code is the worst of theirs. */
async function waitFor(
  context: Context,
  accepted: readonly Backfill[],
  json: boolean,
): Promise<ExitCode> {
  const ended: Backfill[] = []
  for (const { id } of accepted) ended.push(await follow(context, id))
  const [only, ...more] = ended
  if (json) for (const one of ended) printJson(context, one)
  else context.print(only && more.length === 0 ? showBackfill(only) : showResults(ended))
  for (const gap of ended.flatMap(describeGaps)) context.tell(gap)
  return ended.map(exitCodeOf).reduce((worst, code) => (code > worst ? code : worst), EXIT.done)
}
