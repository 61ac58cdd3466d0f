import { readableInstants } from '@backtide/core/readable-instants'
import { defaultPayloadConverter, type Payload } from '@temporalio/common'
import fc from 'fast-check'
import { expect, it } from 'vitest'

async function written(value: unknown): Promise<Payload> {
  const [payload] = await readableInstants.encode([defaultPayloadConverter.toPayload(value)])
  if (!payload) throw new Error('there is one')
  return payload
}

async function readBack(payload: Payload): Promise<unknown> {
  const [decoded] = await readableInstants.decode([payload])
  return decoded && defaultPayloadConverter.fromPayload(decoded)
}

function shown({ data }: Payload): unknown {
  return JSON.parse(new TextDecoder().decode(data ?? undefined)) as unknown
}

const FROM = Date.UTC(2025, 0, 1)

it('shows instants as people write them, and gives code the numbers', async () => {
  const input = { range: { from: FROM, to: FROM + 3_600_000 }, concurrency: 4, createdAt: FROM + 1 }
  const payload = await written(input)
  expect(shown(payload)).toEqual({
    range: { from: '2025-01-01T00:00:00.000Z', to: '2025-01-01T01:00:00.000Z' },
    concurrency: 4,
    createdAt: '2025-01-01T00:00:00.001Z',
  })
  expect(await readBack(payload)).toEqual(input)
})

it('leaves numbers alone that are no instants, such as days by their index', async () => {
  const carried = { left: [{ from: 0, to: 365, again: false }], rows: FROM }
  expect(shown(await written(carried))).toEqual(carried)
})

it('reads what was written before it was there', async () => {
  const before = defaultPayloadConverter.toPayload({ from: FROM, to: '2025-01-01T00:00:00.000Z' })
  expect(await readBack(before)).toEqual({ from: FROM, to: '2025-01-01T00:00:00.000Z' })
})

it('gives back whatever it was given', async () => {
  const field = fc.oneof(
    fc.integer({ min: 0, max: Date.UTC(2300, 0, 1) }),
    fc.double(),
    fc.string(),
    fc.date({ noInvalidDate: true }).map((date) => date.toISOString()),
    fc.constant(null),
  )
  const record = fc.record({ from: field, until: field, rows: field, list: fc.array(field) })
  await fc.assert(
    fc.asyncProperty(fc.array(record), async (records) => {
      const plain: unknown = JSON.parse(JSON.stringify(records))
      expect(await readBack(await written(records))).toEqual(plain)
    }),
  )
  for (const value of [undefined, null, 'text', 7, new Uint8Array([1, 2])]) {
    expect(await readBack(await written(value))).toEqual(value)
  }
})
