import { CHANNELS } from '@backtide/core/channel'
import { z } from 'zod'
import { only } from './only.ts'
import { matching } from './setting.ts'

const name = matching(/^[\w-]{1,40}$/, 'must be a name')

/** Of this machine's own programs, a proxy, or a test: a venue's own addresses are known. */
const address = (protocols: readonly string[]) =>
  z
    .string('must be a URL')
    .refine(
      (text) => URL.canParse(text) && protocols.includes(new URL(text).protocol),
      `must be a URL of ${protocols.map((protocol) => `${protocol}//`).join(' or ')}`,
    )

/**
 * Markets that are collected. A venue has one address for all its markets' entries: where a name is the
 * same, the first entry with an address counts.
 */
export const markets = z
  .array(
    only('field', {
      exchange: name,
      market: name,
      symbols: z.array(matching(/^\S{1,40}$/, 'must be a symbol'), 'must be a list').min(1),
      channels: z
        .array(z.enum(CHANNELS, `must be of ${CHANNELS.join(', ')}`), 'must be a list')
        .min(1),
      baseUrl: address(['wss:', 'ws:']).optional(),
      restUrl: address(['https:', 'http:']).optional(),
    }),
    'must be a list',
  )
  .max(1000)

/** What is collected of a market, and where it is if not where the venue itself is. */
export type ConfiguredMarket = z.output<typeof markets>[number]
