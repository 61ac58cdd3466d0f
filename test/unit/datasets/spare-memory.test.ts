import { createSpareMemory } from '@backtide/datasets/values/spare-memory'
import { RowWriter } from '@backtide/datasets/ilp/row-writer'
import { expect, it } from 'vitest'

it('gives memory that came back to who needs no more than that', () => {
  const memory = createSpareMemory(100)
  const first = memory.take(60)
  memory.give(first)
  expect(memory.take(61)).not.toBe(first)
  expect(memory.take(10)).toBe(first)
  expect(memory.take(10)).not.toBe(first)
})

it('keeps no more than it may, the largest first', () => {
  const memory = createSpareMemory(100)
  const sizes = [30, 80, 40, 101]
  const given = sizes.map((bytes) => memory.take(bytes))
  given.slice(0, 3).forEach(memory.give)
  expect(memory.take(20)).toBe(given[1])
  expect(memory.take(20)).not.toBe(given[0])
  given.forEach(memory.give)
  expect(given).not.toContain(memory.take(20))
})

it('is written by one object at a time, and by the next one from its start', () => {
  const memory = createSpareMemory(1000)
  const [first, other] = [new RowWriter(undefined, 8, memory), new RowWriter(undefined, 8, memory)]
  first.text('a row longer than 8 bytes')
  other.text('another')
  expect(first.slice().toString()).toBe('a row longer than 8 bytes')
  first.release()
  expect(first.length).toBe(0)
  other.text(' row, longer still than the first one')
  first.text('again')
  expect(other.slice().toString()).toBe('another row, longer still than the first one')
  expect(first.slice().toString()).toBe('again')
})
