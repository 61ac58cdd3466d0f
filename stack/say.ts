/** Tells people something: one line, never data. */
export type Say = (line: string) => void

/** Says it on stderr, so that stdout stays data. */
export const sayOnStderr: Say = (line) => void process.stderr.write(`${line}\n`)

/** Says `what` now and then while work runs, with the seconds it has taken. */
export async function sayWhile<T>(say: Say, what: string, work: Promise<T>): Promise<T> {
  const started = Date.now()
  say(`${what} …`)
  const timer = setInterval(() => say(`${what} … ${secondsSince(started)} s`), 15_000)
  try {
    const result = await work
    say(`${what}: done in ${secondsSince(started)} s`)
    return result
  } finally {
    clearInterval(timer)
  }
}

/** Says what it waits for once work takes long, and again every so often. */
export async function sayIfSlow<T>(say: Say, name: string, work: Promise<T>): Promise<T> {
  const started = Date.now()
  const timer = setInterval(() => say(`Waiting for ${name} … ${secondsSince(started)} s`), SLOW_MS)
  try {
    return await work
  } finally {
    clearInterval(timer)
  }
}

const SLOW_MS = 3_000

function secondsSince(started: number): number {
  return Math.round((Date.now() - started) / 1000)
}
