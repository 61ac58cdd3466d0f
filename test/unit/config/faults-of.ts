import { ConfigError } from '@backtide/config/config-error'

/** What a configuration is refused for. */
export function faultsOf(read: () => unknown): readonly string[] {
  try {
    read()
  } catch (error) {
    if (error instanceof ConfigError) return error.faults
    throw error
  }
  throw new Error('it was not refused')
}
