import type { HistoryWindow } from '@backtide/datasets/dataset'
import type { Range } from '@backtide/core/range'
import { SourceUnavailableError } from '../errors.ts'
import type { AskHistory, HistoryAnswer } from './ask-history.ts'

/**
 * The records of every page of a range, each once: while pages are asked for a new record may push others
 * from one into the next.
 * @throws SourceUnavailableError when a page says only what was said before
 */
export async function collectPages(
  ask: AskHistory,
  window: HistoryWindow & Required<Pick<HistoryWindow, 'nextPage'>>,
  range: Range,
  signal: AbortSignal,
): Promise<HistoryAnswer> {
  const records = new Map<string, unknown>()
  let request = window.request(range)
  for (let asked = 1; ; asked++) {
    const page = await ask(request, signal)
    if (page === 'nothing') return page
    const before = records.size
    for (const record of page) records.set(JSON.stringify(record), record)
    if (page.length > 0 && records.size === before) {
      const message = `${window.history}: page ${asked} says again what the ones before it said`
      throw new SourceUnavailableError(message)
    }
    const next = window.nextPage(asked, page, range)
    if (!next) return [...records.values()]
    request = next
  }
}
