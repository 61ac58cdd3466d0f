import { witnessesOf } from '@backtide/activities/load/transfer'
import { registry } from '@backtide/datasets/registry'
import { sql } from '@backtide/store/sql'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { bookKey, hourOf, openArchive } from '../helpers/archive.ts'
import { openBacktide, startWorker, type Backtide } from '../helpers/backtide.ts'
import { books } from '../helpers/books.ts'
import { openGate, type Action, type Gate, type Seen } from '../helpers/gate.ts'
import { bookRows, expectedRows } from '../helpers/rows.ts'
import { ownServers } from '../helpers/servers.ts'

const servers = ownServers(import.meta.filename)
const archive = openArchive(servers.s3)
let backtide: Backtide
let worker: AsyncDisposable
let s3: Gate
let questdb: Gate

beforeAll(async () => {
  backtide = await openBacktide(servers)
  s3 = await openGate(servers.s3.endpoint)
  questdb = await openGate(servers.questdb.replace('http::addr=', 'http://').replace(';', ''))
  worker = await startWorker({
    ...servers,
    questdb: `http::addr=${questdb.host};`,
    s3: { ...servers.s3, endpoint: s3.url },
  })
})

afterEach(() => {
  s3.open()
  questdb.open()
})

afterAll(async () => {
  await worker[Symbol.asyncDispose]()
  await Promise.all([s3, questdb, backtide].map((one) => one[Symbol.asyncDispose]()))
})

describe('an archive that', () => {
  it('answers 503 SlowDown for a while is waited for, without limit', async () => {
    const { finished } = await load('BTC', (hour) => {
      s3.rule = forFirst(12, isObject('BTC', hour), {
        answer: 503,
        body: '<Error><Code>SlowDown</Code><Message>Reduce your request rate.</Message></Error>',
      })
    })
    await finished()
  })

  it('resets connections in the middle of bodies gives the same rows in the end', async () => {
    const { finished } = await load('ETH', (hour) => {
      s3.rule = forFirst(5, isObject('ETH', hour), { cutAfter: 1_000 })
    })
    await finished()
  })

  it('denies one object although it may be listed has that one fail, and its day go on', async () => {
    const { id, day, finished } = await load(
      'SOL',
      (hour) => {
        s3.rule = forFirst(Infinity, isObject('SOL', hour + 3_600_000), DENIED)
      },
      2,
    )
    const counts = { complete: 1, failed: 1 }
    expect(await backtide.ended(id)).toMatchObject({ counts })
    await finished('incomplete')
    expect(await reasonOf(day, 'SOL', 1)).toContain(
      'is forbidden although the bucket may be listed',
    )
  })

  it('denies an object that is verified leaves it so', async () => {
    const { day, finished } = await load('TRX', () => {})
    await finished()
    s3.rule = forFirst(Infinity, isObject('TRX', hourOf(day, 0)), DENIED)
    const again = await backtide.start({ ...hours('TRX', day, 1), reprocess: 'all' })
    const status = await backtide.ended(again)
    expect(status.counts).not.toHaveProperty('failed')
    expect(status).toMatchObject({ state: 'complete' })
  })

  it('revokes access in the middle leaves no object recorded as missing', async () => {
    let revoked = false
    const weather = (hour: number) => {
      s3.rule = (seen) => {
        revoked ||= isObject('BNB', hour + 3_600_000)(seen)
        return revoked || seen.path.includes('list-type=2') ? DENIED : 'pass'
      }
    }
    const { id, day } = await load('BNB', weather, 3)
    const { state, counts } = await backtide.ended(id)
    expect({ state, missing: counts['missing'] }).toEqual({ state: 'incomplete' })
    expect(revoked).toBe(true)
    expect(await reasonOf(day, 'BNB', 1)).toContain('refuses access')
  })

  it('may not be listed has its 403s read as missing', async () => {
    const { id, finished } = await load(
      'AVAX',
      (hour) => {
        s3.rule = (seen) => {
          if (seen.path.includes('list-type=2')) return DENIED
          return isObject('AVAX', hour + 3_600_000)(seen) ? DENIED : 'pass'
        }
      },
      2,
    )
    expect(await backtide.ended(id)).toMatchObject({ counts: { complete: 1, missing: 1 } })
    await finished('incomplete')
  })
})

describe('objects that are to show whether a bucket can be read', () => {
  it('are those the ledger knows, or some of the load itself where it knows none', async () => {
    const { id, day } = await load('TIA', () => {})
    await backtide.ended(id)
    const dataset = registry.find('hyperliquid.l2_book')
    if (!dataset) throw new Error('there is no such dataset')
    const { store } = backtide
    const known = await witnessesOf({ store, dataset }, [])()
    expect(known.length).toBeLessThanOrEqual(8)
    const rows = await store.db.query(
      sql`SELECT DISTINCT object FROM ledger WHERE object IN ${known} AND state <> 'missing'`,
    )
    expect(rows).toHaveLength(known.length)
    const start = hourOf(day, 0)
    const keys = Array.from({ length: 30 }, (_, index) => `key-${index}`)
    const tasks = keys.map((key) => ({ partition: start, series: 'TIA', part: 0, key }))
    const unknown = { ...dataset, id: 'hyperliquid.never_loaded' }
    const own = await witnessesOf({ store, dataset: unknown }, [{ start, tasks }])()
    expect(own).toEqual(['key-0', 'key-4', 'key-8', 'key-12', 'key-16', 'key-20', 'key-24', 'key-28']) // prettier-ignore
  })
})

describe('credentials that are refused', () => {
  it('stop the backfill at its preflight with that reason, after one request', async () => {
    s3.rule = () => ({
      answer: 403,
      body: '<Error><Code>InvalidAccessKeyId</Code><Message>no such key</Message></Error>',
    })
    const before = s3.seen.length
    const day = servers.nextDay()
    const id = await backtide.start(hours('BTC', day, 1))
    const status = await backtide.ended(id)
    expect(status).toMatchObject({ state: 'failed' })
    expect(status.reason).toContain('InvalidAccessKeyId')
    expect(s3.seen.length - before).toBe(1)
  })
})

describe('a QuestDB that', () => {
  it('acknowledges rows and loses them is found out by the read-back, and gets them again', async () => {
    let lost = 0
    const { finished } = await load('DOGE', () => {
      questdb.rule = forFirst(1, isRows, { answer: 204 }, () => (lost += 1))
    })
    await finished()
    expect(lost).toBe(1)
  })

  it('keeps losing them ends the object as failed, never as complete', async () => {
    const { id, day } = await load('XRP', () => {
      questdb.rule = forFirst(Infinity, isRows, { answer: 204 })
    })
    expect(await backtide.ended(id)).toMatchObject({ state: 'incomplete', counts: { failed: 1 } })
    expect(await reasonOf(day, 'XRP')).toMatch(/verification: XRP at .*: 0 of 1 rows found/)
  })

  it('answers 500 and then recovers takes the rows once', async () => {
    const { finished } = await load('LTC', () => {
      questdb.rule = forFirst(3, isRows, { answer: 500 })
    })
    await finished()
  })
})

const DENIED: Action = { answer: 403, body: '<Error><Code>AccessDenied</Code></Error>' }

/** Puts hours into the archive, sets the weather, and starts a backfill of them. */
async function load(coin: string, weather: (hour: number) => void, count = 1) {
  const day = servers.nextDay()
  const all = books({ coin, hour: hourOf(day, 0), count: 50 })
  await archive.putBooks(coin, hourOf(day, 0), all)
  weather(hourOf(day, 0))
  const id = await backtide.start(hours(coin, day, count))
  const finished = async (state = 'complete') => {
    expect(await backtide.ended(id)).toMatchObject({ state, rows: all.length })
    expect(await bookRows(backtide.store, day)).toEqual(expectedRows(all))
  }
  return { id, day, finished }
}

function hours(coin: string, day: string, count: number) {
  const to = new Date(hourOf(day, count)).toISOString()
  return { dataset: 'hyperliquid.l2_book', coins: [coin], from: `${day}T00:00:00Z`, to }
}

/** Takes an action for the first requests that match; all others pass. */
function forFirst(
  count: number,
  matches: (seen: Seen) => boolean,
  action: Action,
  onAction = () => {},
): (seen: Seen) => Action {
  let left = count
  return (seen) => {
    if (left <= 0 || !matches(seen)) return 'pass'
    left -= 1
    onAction()
    return action
  }
}

function isObject(coin: string, hour: number): (seen: Seen) => boolean {
  const key = bookKey(coin, hour)
  return ({ path }) => path.includes(key)
}

function isRows({ path, body }: Seen): boolean {
  return path.startsWith('/write') && body.subarray(0, 12).toString() === 'l2_book_all,'
}

async function reasonOf(day: string, coin: string, hour = 0): Promise<string> {
  const range = { from: hourOf(day, hour), to: hourOf(day, 24) }
  const scope = { dataset: 'hyperliquid.l2_book', symbols: [coin], range, limit: 1 }
  return (await backtide.store.listLedger(scope))[0]?.reason ?? ''
}
