import type { DayInput } from '@backtide/core/backfill'
import { countPartitions, partitionLength, partitionsOf } from '@backtide/core/partition'
import type { Range } from '@backtide/core/range'

/** The loads of a day, ascending: as many partitions each as `objectsPerLoad` allows, at least one. */
export function splitDay(input: DayInput): readonly Range[] {
  if (input.wholeDay) return [input.day]
  const partitions = Math.max(1, Math.floor(input.objectsPerLoad / input.symbols.length))
  const step = partitions * partitionLength(input.granularity)
  const loads: Range[] = []
  for (let from = input.day.from; from < input.day.to; from += step) {
    loads.push({ from, to: Math.min(from + step, input.day.to) })
  }
  return loads
}

/** The same range as loads of one partition each. */
export function splitLoad(load: Range, granularity: DayInput['granularity']): readonly Range[] {
  if (countPartitions(load, granularity) <= 1) return [load]
  const length = partitionLength(granularity)
  return partitionsOf(load, granularity).map((from) => ({ from, to: from + length }))
}
