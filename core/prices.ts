/** What a source charges whoever reads it, in USD. */
export interface Rates {
  readonly perGiB: number
  readonly perThousandGets: number
  readonly perThousandLists: number
}

/** What was asked of a source: requests as they were made, bytes as they were sent. */
export interface Usage {
  readonly gets: number
  readonly lists: number
  readonly bytes: number
}

export const NO_USAGE: Usage = { gets: 0, lists: 0, bytes: 0 }

/** When these prices were written down, without asking AWS: compare them with its page. */
export const PRICES_OF = '2026-11'

/**
 * What S3 Standard charges by region: the first tier of transfer to the internet, without what is free
 * each month. https://aws.amazon.com/s3/pricing/
 */
const S3_RATES: Readonly<Record<string, Rates>> = {
  'us-east-1': { perGiB: 0.09, perThousandGets: 0.0004, perThousandLists: 0.005 },
  'us-east-2': { perGiB: 0.09, perThousandGets: 0.0004, perThousandLists: 0.005 },
  'us-west-2': { perGiB: 0.09, perThousandGets: 0.0004, perThousandLists: 0.005 },
  'eu-west-1': { perGiB: 0.09, perThousandGets: 0.0004, perThousandLists: 0.005 },
  'eu-central-1': { perGiB: 0.09, perThousandGets: 0.00043, perThousandLists: 0.0054 },
  'ap-northeast-1': { perGiB: 0.114, perThousandGets: 0.00037, perThousandLists: 0.0047 },
}

/** For regions that are not among them: dearer than any is better than cheaper than one. */
const DEAREST: Rates = { perGiB: 0.154, perThousandGets: 0.0006, perThousandLists: 0.007 }

const GIB = 2 ** 30

/** As much of a source as prices depend on. */
export interface PricedSource {
  readonly name: string
  readonly kind: string
  readonly region?: string
  readonly requesterPays?: boolean
}

/** What prices depend on beside the source. */
export interface Pricing {
  /** Another S3 than AWS's: it costs what `prices` say, else nothing. */
  readonly endpoint?: string | undefined
  /** Instead of the list prices, by name of the source. */
  readonly prices?: Readonly<Record<string, Rates>> | undefined
}

/** What reading a source costs; undefined where it is free. */
export function ratesOf(source: PricedSource, { endpoint, prices }: Pricing): Rates | undefined {
  const own = prices?.[source.name]
  if (own) return Object.values(own).some((rate) => rate > 0) ? own : undefined
  if (source.kind !== 's3' || !source.requesterPays || endpoint !== undefined) return undefined
  return S3_RATES[source.region ?? ''] ?? DEAREST
}

/** Dollars for some usage. */
export function costOf({ gets, lists, bytes }: Usage, rates: Rates | undefined): number {
  if (!rates) return 0
  const { perGiB, perThousandGets, perThousandLists } = rates
  return (
    (bytes / GIB) * perGiB + (gets / 1000) * perThousandGets + (lists / 1000) * perThousandLists
  )
}

/** Sum of two usages. */
export function addUsage(a: Usage, b: Usage): Usage {
  return { gets: a.gets + b.gets, lists: a.lists + b.lists, bytes: a.bytes + b.bytes }
}

/** `$0.0034`, `$12.40`: small sums with as many digits as tell them apart. */
export function formatUsd(usd: number): string {
  if (usd === 0) return '$0.00'
  if (usd < 0.0001) return 'less than $0.0001'
  return `$${usd.toFixed(usd < 1 ? 4 : 2)}`
}
