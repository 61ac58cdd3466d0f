import { setTimeout as wait } from 'node:timers/promises'
import { ORDERS, REPROCESS } from '@backtide/core/backfill-options'
import { Option, type Command } from 'commander'
import type { Backfill } from '../answers.ts'
import type { Plan } from '../cost-answers.ts'
import { printJson, type Context } from '../context.ts'
import { CliError, EXIT, type ExitCode } from '../exit.ts'
import { exitCodeOf, follow } from '../follow.ts'
import { addScope, DEFAULT_RANGE, fillScope, readUsd, type ScopeOptions } from '../options.ts'
import { showBackfill } from '../show/backfill.ts'
import { formatNumber } from '../show/format.ts'
import { showPlan } from '../show/plan.ts'

interface PlanOptions extends ScopeOptions {
  readonly order?: string
  readonly reprocess?: string
  readonly json?: boolean
}

interface ApplyOptions {
  readonly maxCostUsd?: number
  readonly idempotencyKey?: string
  readonly wait?: boolean
  readonly json?: boolean
}

const PLAN_EXAMPLES = `
Examples:
  backtide plan hyperliquid.l2_book --coins BTC,ETH --month 2025-03
  backtide plan hyperliquid.l2_book --coins @coins.txt --days max --json | jq .summary.cost
  backtide plan hyperliquid.l2_book --coins BTC --month 2025-03 --reprocess changed
  backtide apply PLAN --max-cost-usd 20 --wait

${DEFAULT_RANGE}
Nothing is loaded. Objects are listed where the archive lists, which at some archives costs a little.`

const APPLY_EXAMPLES = `
Examples:
  backtide apply PLAN
  backtide apply PLAN --max-cost-usd 20 --wait

A plan whose ledger has changed since is refused. An object that is not any more what the plan saw is not
loaded: the backfill pauses and says which.`

/** `backtide plan` and `backtide apply`: what a backfill would do, and that and nothing else. */
export function addPlan(program: Command, context: Context, end: (code: ExitCode) => void): void {
  const command = program
    .command('plan')
    .description('say exactly what a backfill would do, and cost, before it does it')
    .argument('<dataset>', 'for example hyperliquid.l2_book')
  addScope(command)
    .addOption(new Option('--order <order>', 'which days first').choices(ORDERS))
    .addOption(new Option('--reprocess <what>', 'what to load again').choices(REPROCESS))
    .option('--json', "print the API's answer as one line")
    .addHelpText('after', PLAN_EXAMPLES)
    .action(async (dataset: string, options: PlanOptions) =>
      end(await draw(context, dataset, options)),
    )
  program
    .command('apply')
    .description('carry out a plan')
    .argument('<plan>', 'id of a plan')
    .option('--max-cost-usd <usd>', 'dollars it may cost; reaching them pauses it', readUsd)
    .option('--idempotency-key <key>', 'the same key is the same backfill, for ever')
    .option('--wait', 'follow it to its end')
    .option('--json', "print the API's answer as one line")
    .addHelpText('after', APPLY_EXAMPLES)
    .action(async (id: string, options: ApplyOptions) => end(await apply(context, id, options)))
}

async function draw(
  context: Context,
  dataset: string,
  { json, ...asked }: PlanOptions,
): Promise<ExitCode> {
  const body = { dataset, ...(await fillScope(context, dataset, asked)) }
  const ordered = (await context.client().post('/plans', body)) as Plan
  for (const warning of ordered.warnings) context.tell(`warning: ${warning}`)
  const plan = await untilDrawn(context, ordered.id)
  if (json) printJson(context, plan)
  else context.print(showPlan(plan))
  if (plan.state === 'failed') {
    context.tell(`backtide: the plan could not be drawn up: ${plan.reason ?? 'no reason given'}`)
    return EXIT.internal
  }
  context.tell(`carry it out with: backtide apply ${plan.id}`)
  return EXIT.done
}

/** Time between two looks, and between two lines of progress, in milliseconds. */
const LOOK_EVERY = 500
const TELL_EVERY = 10_000

/** @throws CliError 130 when interrupted: the plan is drawn up all the same */
async function untilDrawn(context: Context, id: string): Promise<Plan> {
  const interrupted = new AbortController()
  const onInterrupt = () => interrupted.abort()
  process.once('SIGINT', onInterrupt)
  let toldAt = Date.now()
  try {
    for (;;) {
      const plan = (await context.client().get(`/plans/${id}`)) as Plan
      if (plan.state !== 'running') return plan
      if (Date.now() - toldAt > TELL_EVERY) {
        const { progress, total } = plan
        const done = progress ? formatNumber(progress.objects) : 'none yet'
        context.tell(`planning: ${done} of ${formatNumber(total)} objects looked at`)
        toldAt = Date.now()
      }
      await wait(LOOK_EVERY, undefined, { signal: interrupted.signal }).catch(() => {})
      if (interrupted.signal.aborted) {
        throw new CliError(EXIT.interrupted, `the plan goes on; its id is ${id}`)
      }
    }
  } finally {
    process.removeListener('SIGINT', onInterrupt)
  }
}

async function apply(
  context: Context,
  planId: string,
  { wait: waits, json, idempotencyKey, maxCostUsd }: ApplyOptions,
): Promise<ExitCode> {
  const headers = idempotencyKey === undefined ? {} : { 'Idempotency-Key': idempotencyKey }
  const body = { planId, ...(maxCostUsd !== undefined && { maxCostUsd }) }
  const started = (await context.client().post('/backfills', body, headers)) as Backfill
  if (waits) context.tell(`backfill ${started.id}`)
  const backfill = waits ? await follow(context, started.id) : started
  if (json) printJson(context, backfill)
  else context.print(waits ? showBackfill(backfill) : backfill.id)
  return waits ? exitCodeOf(backfill) : EXIT.done
}
