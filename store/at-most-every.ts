/**
 * Runs something at most every so often (milliseconds): calls in between share the last run, and wait
 * for it. A run that failed does not count.
 */
export function atMostEvery(ms: number, run: () => Promise<void>): () => Promise<void> {
  let last: { readonly at: number; readonly done: Promise<void> } | undefined
  return () => {
    if (last && performance.now() - last.at < ms) return last.done
    const mine = { at: performance.now(), done: run() }
    last = mine
    mine.done.catch(() => {
      if (last === mine) last = undefined
    })
    return mine.done
  }
}
