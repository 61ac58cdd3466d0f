import { z } from '@hono/zod-openapi'
import { count, instant } from '../http/fields.ts'

const day = z.string().openapi({ format: 'date', example: '2025-07-27' })

export const derivedSchema = z
  .object({
    name: z.string(),
    title: z.string(),
    table: z.string().openapi({ description: 'The view to query.' }),
    bases: z.array(z.string()).openapi({ description: 'Datasets that it is made of.' }),
    days: z.object({ made: count, stale: count, missing: count }).openapi({
      description:
        'UTC days made of what the base is now; made of what it was before; never made, though the base has rows.',
    }),
    newest: day.nullable().openapi({ description: 'The last day made.' }),
    madeAt: instant.nullable().openapi({ description: 'When a day was last made.' }),
    open: z.array(day).openapi({ description: 'Days that are stale or missing, 100 at most.' }),
    work: z
      .enum(['running', 'idle', 'failed'])
      .nullable()
      .openapi({ description: 'What makes it; null while Temporal does not say.' }),
    reason: z.string().optional().openapi({ description: 'Why it failed.' }),
  })
  .openapi('Derived')

export const derivedListSchema = z
  .object({ derived: z.array(derivedSchema), warnings: z.array(z.string()) })
  .openapi('DerivedList')

export const rebuildBody = z
  .strictObject({
    from: z.string().optional().openapi({ example: '2025-07-27', description: 'First UTC day.' }),
    to: z
      .string()
      .optional()
      .openapi({ example: '2025-08-01', description: 'The day after the last.' }),
  })
  .openapi('Rebuild')

export const rebuildSchema = z
  .object({ name: z.string(), id: z.string(), temporalUi: z.string() })
  .openapi('RebuildStarted', { description: 'The workflow that makes it.' })

export type DerivedView = z.infer<typeof derivedSchema>
export type RebuildBody = z.infer<typeof rebuildBody>
