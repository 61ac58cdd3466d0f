import type { ObjectTally } from '@backtide/datasets/decode/decoded-object'
import type { MetricMeter } from '@temporalio/common'

/**
 * Counts lines for the metrics endpoint: all, and those of an unusual form that were parsed in full.
 * Where these are many, a venue writes otherwise than it did, and loads are several times slower.
 */
export function countLines(
  meter: Pick<MetricMeter, 'createCounter'>,
  dataset: string,
): (tally: ObjectTally) => void {
  const lines = meter.createCounter('backtide_lines', 'lines', 'Lines decoded')
  const fallbacks = meter.createCounter('backtide_lines_parsed_in_full', 'lines')
  return (tally) => {
    lines.add(tally.lines, { dataset })
    fallbacks.add(tally.fallbacks, { dataset })
  }
}
