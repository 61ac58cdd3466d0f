import { createRestObjectStore } from '@backtide/activities/objects/rest/rest-store'
import type { Turns } from '@backtide/activities/objects/rest/turns'
import { FEAR_GREED_HISTORY } from '@backtide/datasets/coinmarketcap/fear-greed-history'
import { expect, it } from 'vitest'
import {
  fearGreedValues,
  openFearGreedServer,
  type FearGreedOptions,
} from '../../helpers/fear-greed-server.ts'
import { readAll } from '../../helpers/read-object.ts'

const DAY = 86_400_000
const TODAY = Date.UTC(2026, 10, 21)
const VALUES = fearGreedValues(TODAY, 1_240)
const KEY = 'b54bcf4d-1bca-4e8e-9a24-22ff2c3d462c'

async function open(options: Partial<FearGreedOptions> = {}, key: string | undefined = KEY) {
  const server = await openFearGreedServer({ key: KEY, values: VALUES, ...options })
  const turns: string[] = []
  const given: Turns = {
    take: async (_, weight) => void turns.push(`take ${weight}`),
    backOff: async (_, ms) => void turns.push(`back off ${ms}`),
  }
  const store = createRestObjectStore(
    { ...FEAR_GREED_HISTORY, baseUrl: server.url },
    {
      turns: given,
      key,
      timeouts: { answerMs: 2_000, stallMs: 2_000 },
      now: () => TODAY + DAY / 2,
    },
  )
  const linesOf = async (day: string) => {
    const opened = await store.open(`fear-and-greed/${day}`, {})
    if (opened.state !== 'found') return opened.state
    const text = (await readAll(opened)).toString()
    return text
      .split('\n')
      .filter(Boolean)
      .map((line) => JSON.parse(line) as unknown)
  }
  return { server, store, turns, linesOf }
}

const valueOf = (day: string) =>
  VALUES.find(({ timestamp }) => Number(timestamp) * 1000 === Date.parse(day))

it('gives each day its value, of pages that are asked for once', async () => {
  const { server, linesOf, turns } = await open()
  await using _ = server
  for (const day of ['2026-11-20', '2026-11-19', '2026-07-01']) {
    expect(await linesOf(day)).toEqual([valueOf(day)])
  }
  expect(server.asked).toEqual(['1 500'])
  expect(await linesOf('2023-07-01')).toEqual([valueOf('2023-07-01')])
  expect(server.asked).toEqual(['1 500', '1 500', '501 500', '1001 500'])
  expect(turns).toEqual(['take 1', 'take 1', 'take 1', 'take 1'])
  expect(server.credits).toBe(4)
})

it('has no value of a day that is not over', async () => {
  const { server, linesOf } = await open()
  await using _ = server
  expect(await linesOf('2026-11-21')).toBe('absent')
})

it('loses no value and doubles none when a new one comes between two pages', async () => {
  const { server, linesOf } = await open({ values: VALUES })
  await using _ = server
  let told = 0
  server.fate = (url) => {
    if (told++ < 1) return undefined
    const start = Number(url.searchParams.get('start'))
    const newer = [...fearGreedValues(TODAY + DAY, 1), ...VALUES]
    const data = newer.slice(start - 1, start + 499)
    return { status: 200, body: JSON.stringify({ data, status: { error_code: 0 } }) }
  }
  const days = ['2025-07-10', '2025-07-09', '2025-07-08', '2023-07-02']
  for (const day of days) expect(await linesOf(day)).toEqual([valueOf(day)])
})

it('does not ask for the same page for ever', async () => {
  const { server, linesOf } = await open()
  await using _ = server
  const page = JSON.stringify({ data: VALUES.slice(0, 500), status: { error_code: 0 } })
  server.fate = () => ({ status: 200, body: page })
  await expect(linesOf('2023-07-01')).rejects.toMatchObject({
    name: 'SourceUnavailableError',
    message: expect.stringContaining('page 2 says again'),
  })
  expect(server.asked).toHaveLength(2)
})

it('asks for nothing without a key, and says which variable gives it', async () => {
  const { server } = await open()
  await using _ = server
  const without = createRestObjectStore(
    { ...FEAR_GREED_HISTORY, baseUrl: server.url },
    { turns: { take: async () => {}, backOff: async () => {} } },
  )
  await expect(without.open('fear-and-greed/2026-01-01', {})).rejects.toMatchObject({
    name: 'AccessDeniedError',
    message: expect.stringContaining('set BACKTIDE_COINMARKETCAP_KEY'),
  })
  expect(server.asked).toEqual([])
})

it('takes a wrong key for refused access, and never says it', async () => {
  const { server, store, linesOf } = await open({}, 'wrong-key-of-mine')
  await using _ = server
  const error = await linesOf('2026-01-01').catch((thrown: unknown) => thrown)
  expect(error).toMatchObject({ name: 'AccessDeniedError' })
  expect(String(error)).toContain('This API Key is invalid: …')
  const asked = store.checkAccess(['fear-and-greed/2026-01-01']).catch(String)
  expect(await asked).not.toContain('wrong-key-of-mine')
})

it('leaves the venue alone when credits are used up, and says so', async () => {
  const { server, linesOf, turns } = await open({ credits: 0 })
  await using _ = server
  await expect(linesOf('2026-01-01')).rejects.toMatchObject({
    name: 'SourceUnavailableError',
    message: expect.stringContaining('monthly rate limit'),
  })
  expect(turns).toContain('back off 10000')
})

it('takes an answer that says error for none, whatever its status is', async () => {
  const { server, linesOf } = await open()
  await using _ = server
  server.fate = () => ({ status: 200, body: '{"status":{"error_code":1006},"data":[]}' })
  await expect(linesOf('2026-01-01')).rejects.toMatchObject({ name: 'SourceUnavailableError' })
})
