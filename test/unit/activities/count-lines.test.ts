import { countLines } from '@backtide/activities/activities'
import type { ObjectTally } from '@backtide/datasets/decode/decoded-object'
import { noopMetricMeter, type MetricMeter } from '@temporalio/common'
import { expect, it } from 'vitest'

it('counts the lines of every object, and those that were parsed in full, by dataset', () => {
  const added: [string, number, string][] = []
  const meter: Pick<MetricMeter, 'createCounter'> = {
    createCounter: (name) => ({
      ...noopMetricMeter.createCounter(name),
      add: (value, tags) => void added.push([name, value, String(tags?.dataset)]),
    }),
  }
  const onDecoded = countLines(meter, 'venue.books')
  for (const [lines, fallbacks] of [
    [10, 0],
    [7, 2],
  ]) {
    onDecoded({ lines, fallbacks } as ObjectTally)
  }
  expect(added).toEqual([
    ['backtide_lines', 10, 'venue.books'],
    ['backtide_lines_parsed_in_full', 0, 'venue.books'],
    ['backtide_lines', 7, 'venue.books'],
    ['backtide_lines_parsed_in_full', 2, 'venue.books'],
  ])
})
