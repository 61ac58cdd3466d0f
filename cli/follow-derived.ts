import { once } from 'node:events'
import { setTimeout as wait } from 'node:timers/promises'
import type { Context } from './context.ts'
import { CliError, EXIT } from './exit.ts'
import { formatNumber } from './show/format.ts'

/** Answer of `GET /derived`. */
export interface DerivedList {
  readonly derived: readonly Derived[]
  readonly warnings: readonly string[]
}

/** Something that is made of what was loaded. */
export interface Derived {
  readonly name: string
  readonly title: string
  readonly table: string
  readonly days: { readonly made: number; readonly stale: number; readonly missing: number }
  readonly newest: string | null
  readonly work: 'running' | 'idle' | 'failed' | null
  readonly reason?: string
}

/** Time between two looks, in milliseconds. */
const INTERVAL = 1_000
/** Time between two lines about it, in milliseconds. */
const LINE_INTERVAL = 10_000

/** What `backtide derived` shows. */
export async function readDerived(context: Context): Promise<DerivedList> {
  return (await context.client().get('/derived')) as DerivedList
}

/**
 * Waits until nobody is at work on something derived, with a line on stderr every 10 seconds. Ctrl-C
 * detaches: the work goes on.
 * @throws CliError 130 when detached, 4 when it is not known who is at work
 */
export async function followDerived(context: Context, name: string): Promise<Derived> {
  const detach = new AbortController()
  const onInterrupt = (): void => detach.abort()
  const interrupted = once(detach.signal, 'abort')
  process.once('SIGINT', onInterrupt)
  let toldAt = 0
  try {
    for (;;) {
      const { derived, warnings } = await readDerived(context)
      const one = derived.find((other) => other.name === name)
      if (!one) throw new CliError(EXIT.internal, `the API does not know ${name} any more`)
      if (one.work === null) throw new CliError(EXIT.unavailable, warnings.join(' '))
      if (one.work !== 'running') return one
      if (Date.now() - toldAt >= LINE_INTERVAL) {
        context.tell(describe(one))
        toldAt = Date.now()
      }
      await Promise.race([wait(INTERVAL), interrupted])
      if (detach.signal.aborted) {
        const message = 'detached; the work goes on. Look at it with: backtide derived'
        throw new CliError(EXIT.interrupted, message)
      }
    }
  } finally {
    process.removeListener('SIGINT', onInterrupt)
  }
}

function describe({ name, days: { made, stale, missing } }: Derived): string {
  const left = formatNumber(stale + missing)
  return `${name}: ${formatNumber(made)} days made, ${left} to be made`
}
