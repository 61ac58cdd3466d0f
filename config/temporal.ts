import {
  loadClientConfigProfile,
  loadClientConnectConfig,
  type ClientConnectConfig,
} from '@temporalio/envconfig'
import { ConfigError } from './config-error.ts'
import type { Env } from './environment.ts'
import type { Found } from './found.ts'
import type { Settings } from './process-settings.ts'
import type { Key } from './settings.ts'

/** How Temporal is reached. */
export interface Temporal {
  readonly connection: Pick<
    ClientConnectConfig['connectionOptions'],
    'tls' | 'apiKey' | 'metadata'
  > & { readonly address: string }
  readonly namespace: string
}

/**
 * What the profile says that Temporal's own command reads as well (`temporal.toml`).
 * @throws ConfigError when it cannot be read
 */
export function temporalProfile(env: Env): ReadonlyMap<Key, Found> {
  const { address, namespace, apiKey } = attempt(() =>
    loadClientConfigProfile({ overrideEnvVars: present(env) }),
  )
  const name = `profile ${env['TEMPORAL_PROFILE']?.trim() || 'default'} of Temporal`
  const found = {
    'temporal.address': address,
    'temporal.namespace': namespace,
    'temporal.apiKey': apiKey,
  }
  return new Map(
    Object.entries(found).flatMap(([key, given]): [Key, Found][] => {
      const origin = { from: 'profile', name } as const
      return given === undefined ? [] : [[key as Key, { origin, given, label: () => name }]]
    }),
  )
}

/**
 * How Temporal is reached: the settings, and TLS and metadata as Temporal's SDK reads them.
 * @throws ConfigError when they cannot be read
 */
export function readTemporal(settings: Settings, env: Env): Temporal {
  const address = settings.get('temporal.address')
  const namespace = settings.get('temporal.namespace')
  const key = settings.get('temporal.apiKey')
  const { connectionOptions } = attempt(() =>
    loadClientConnectConfig({
      overrideEnvVars: { ...present(env), ...(key !== undefined && { TEMPORAL_API_KEY: key }) },
    }),
  )
  const { tls, apiKey, metadata } = connectionOptions
  return {
    connection: {
      address,
      ...(tls !== undefined && { tls }),
      ...(apiKey !== undefined && { apiKey }),
      ...(metadata && { metadata }),
    },
    namespace,
  }
}

function present(env: Env): Record<string, string> {
  const set = Object.entries(env).filter((entry): entry is [string, string] => Boolean(entry[1]))
  return Object.fromEntries(set)
}

function attempt<T>(read: () => T): T {
  try {
    return read()
  } catch (error) {
    // What it says may quote the profile, keys included.
    const fault = 'TEMPORAL_*: The configuration of Temporal cannot be read.'
    throw new ConfigError([fault], { cause: error })
  }
}
