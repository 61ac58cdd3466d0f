import { z } from '@hono/zod-openapi'
import { count } from '../http/fields.ts'

const table = z
  .string()
  .min(1)
  .max(80)
  .openapi({ description: 'The name that its view will have.', example: 'market_data' })

export const adoptBody = z
  .strictObject({
    table,
    dryRun: z.boolean().default(false).openapi({ description: 'Only count what there is.' }),
  })
  .openapi({ example: { table: 'market_data', dryRun: true } })

export const tableParam = z.object({ table })

export const adoptionSchema = z
  .object({
    table: z.string(),
    state: z.enum(['running', 'done', 'failed']),
    dryRun: z.boolean().nullable().openapi({ description: 'null where no worker answers yet.' }),
    days: count.openapi({ description: 'UTC days from its first row to its last.' }),
    daysDone: count,
    rows: count,
    duplicates: count.openapi({
      description: 'Rows with the keys of another; of those the one written last stays.',
    }),
    objects: count.openapi({
      description: 'Objects of the archive put on record as unverified, to be loaded and compared.',
    }),
    keptAs: z.string().openapi({ description: 'Name under which the table stays.' }),
    reason: z.string().nullable().openapi({ description: 'Why it failed.' }),
    temporalUi: z.string(),
  })
  .openapi('Adoption')

export type AdoptionView = z.infer<typeof adoptionSchema>
