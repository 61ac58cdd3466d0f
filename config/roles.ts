import { ROLES, type Role } from '@backtide/core/ids'
import { z } from 'zod'

/**
 * What a worker does. AnySignal's runner `api`, of its variable RUNNERS, is requests and the backfills
 * that they start: here the API is a process of its own, and both roles are what it starts.
 */
export const roles = z
  .array(z.enum([...ROLES, 'api'], `must be of ${ROLES.join(', ')}`), 'must be a list')
  .min(1, `must name one of ${ROLES.join(', ')}`)
  .transform((names): readonly Role[] => {
    const meant = names.flatMap((name) => (name === 'api' ? ROLES : [name]))
    return [...new Set(meant)]
  })
