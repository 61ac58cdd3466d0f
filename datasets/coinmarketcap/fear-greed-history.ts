import { dayKey } from '@backtide/core/partition'
import { DAY_MS } from '@backtide/core/range'
import type { HistoryRequest, HistoryWindow, RestSource } from '../dataset.ts'
import { isCount, isObject } from '../values/json-line.ts'

/** Most values of one answer. */
const PAGE = 500

/**
 * Fear and greed by the day: a day an object. The venue gives them newest first, by pages and not by dates, to
 * who has a key; the smallest plan allows 30 requests a minute, of which half is taken.
 * https://coinmarketcap.com/api/documentation/v1/#operation/getV3FearandgreedHistorical
 */
export const FEAR_GREED_HISTORY: RestSource = {
  kind: 'rest',
  name: 'coinmarketcap',
  baseUrl: 'https://pro-api.coinmarketcap.com',
  limit: { name: 'coinmarketcap', weightPerMinute: 15 },
  key: { header: 'X-CMC_PRO_API_KEY', variable: 'BACKTIDE_COINMARKETCAP_KEY' },
  objects: (start) => [`fear-and-greed/${dayKey(start)}`],
  windowOf,
}

const KEY = /^fear-and-greed\/(\d{4}-\d{2}-\d{2})$/

function windowOf(key: string): HistoryWindow {
  const [, day] = KEY.exec(key) ?? []
  if (day === undefined) throw new Error(`${JSON.stringify(key)} is no object of it`)
  const from = Date.parse(`${day}T00:00:00Z`)
  return {
    from,
    to: from + DAY_MS,
    history: 'fear-and-greed',
    spanMs: PAGE * DAY_MS,
    request: () => pageFrom(1, PAGE),
    nextPage: (asked, page, range) => {
      const times = page.flatMap((record) => timeOf(record)?.at ?? [])
      const isLast = page.length < PAGE || Math.min(...times) < range.from
      return isLast ? undefined : pageFrom(1 + asked * PAGE, PAGE)
    },
    timeOf,
    witness: pageFrom(1, 1),
  }
}

function pageFrom(start: number, limit: number): HistoryRequest {
  const path = `v3/fear-and-greed/historical?start=${start}&limit=${limit}`
  return { path, recordsOf: valuesOf, weight: 1 }
}

/** `{"data":[…],"status":{"error_code":"0","credit_count":1,…}}` */
function valuesOf(answer: unknown): readonly unknown[] | undefined {
  if (!isObject(answer) || !isObject(answer.status)) return undefined
  return Number(answer.status.error_code) === 0 && Array.isArray(answer.data)
    ? answer.data
    : undefined
}

/** The value of a day is final when the day is over. */
function timeOf(record: unknown) {
  const at = isObject(record) ? instantOf(record.timestamp) : undefined
  return at === undefined ? undefined : { at, final: at + DAY_MS }
}

/** UTC milliseconds of the seconds that the venue writes as text. */
export function instantOf(timestamp: unknown): number | undefined {
  const seconds =
    typeof timestamp === 'string' && /^\d{1,12}$/.test(timestamp) ? Number(timestamp) : timestamp
  return isCount(seconds) && isCount(seconds * 1_000_000) ? seconds * 1000 : undefined
}
