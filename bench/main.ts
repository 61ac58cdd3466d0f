import { summarise, type Finding } from './finding.ts'
import { LAYOUTS, type Layout } from './layout.ts'
import { measureAmplification } from './measure/amplification.ts'
import { measureCoverage } from './measure/coverage.ts'
import { measureContexts } from './measure/contexts.ts'
import { measureDurable } from './measure/durable.ts'
import { COINS_INPUT, LARGE_INPUT } from './measure/inputs.ts'
import { measureHistories } from './measure/histories.ts'
import { measureKlines } from './measure/klines.ts'
import { measureLateDay } from './measure/late-day.ts'
import { measureLoad } from './measure/load.ts'
import { measureMemory } from './measure/memory.ts'
import { measureOrchestration } from './measure/orchestration.ts'
import { measureStages } from './measure/stages.ts'
import { measureTrades } from './measure/trades.ts'
import { readOptions, UsageError, type Options, type Subject } from './options.ts'
import { listenForStop } from '@backtide/stack/stop-signal'
import { openPlace, type Place } from './place.ts'
import { tableOf } from './print.ts'

/** Measures one subject; all layouts of it, one after the other. */
type Measure = (place: Place, options: Options) => AsyncIterable<Finding>

const MEASURES: Readonly<Record<Subject, Measure>> = {
  load: byLayout(measureLoad),
  stages: byLayout(measureStages),
  durable: byLayout(measureDurable),
  orchestration: once(measureOrchestration),
  klines: once(measureKlines),
  trades: once(measureTrades),
  histories: once(measureHistories, measureContexts),
  amplification: once(measureAmplification),
  memory: byLayout((place, options, layout) => measureMemory(place, COINS_INPUT(options), layout)),
  coverage: once(measureCoverage),
  'late-day': once(measureLateDay),
  large: byLayout((place, _, layout) => measureMemory(place, LARGE_INPUT, layout)),
}

/** Starts servers, measures, and stops the servers, whatever happens; gives the exit code. */
async function main(options: Options): Promise<number> {
  process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED = 'true'
  say('Starting Temporal, QuestDB and S3 …')
  const place = await openPlace()
  const stop = listenForStop(say, () => Promise.resolve(process.exit(INTERRUPTED)))
  try {
    const summaries = await Promise.race([measureAll(place, options), stop.asked])
    if (!summaries) return interrupt()
    if (options.json) process.stdout.write(`${JSON.stringify(summarise(summaries), rounding)}\n`)
    return 0
  } finally {
    await place.close()
    stop.ignore()
  }
}

/** Prints every table as soon as it is there. */
async function measureAll(place: Place, options: Options): Promise<readonly Finding['summary'][]> {
  const summaries = []
  for (const subject of options.subjects) {
    const started = Date.now()
    say(`Measuring ${subject} …`)
    for await (const { sections, summary } of MEASURES[subject](place, options)) {
      for (const section of sections) process.stdout.write(`${tableOf(section)}\n`)
      summaries.push(summary)
    }
    say(`Measured ${subject} in ${Math.round((Date.now() - started) / 1000)} s.`)
  }
  return summaries
}

/** What is being measured loses its servers now; how it fails is of no interest. */
function interrupt(): number {
  process.on('unhandledRejection', () => {})
  process.on('uncaughtException', () => {})
  return INTERRUPTED
}

const INTERRUPTED = 130

function byLayout(
  measure: (place: Place, options: Options, layout: Layout) => Promise<Finding>,
): Measure {
  return async function* (place, options) {
    for (const layout of LAYOUTS) yield await measure(place, options, layout)
  }
}

function once(
  ...measures: readonly ((place: Place, options: Options) => Promise<Finding>)[]
): Measure {
  return async function* (place, options) {
    for (const measure of measures) yield await measure(place, options)
  }
}

/** Numbers of the summary as far as they mean anything. */
function rounding(_: string, value: unknown): unknown {
  return typeof value === 'number' ? Math.round(value * 1000) / 1000 : value
}

function say(text: string): void {
  process.stderr.write(`${text}\n`)
}

try {
  process.exit(await main(readOptions(process.argv.slice(2))))
} catch (error) {
  if (!(error instanceof UsageError)) throw error
  say(`bench: ${error.message}`)
  process.exit(2)
}
