import { FINDING_STATES } from '@backtide/core/finding'
import { createRoute, z } from '@hono/zod-openapi'
import type { Deps } from '../deps.ts'
import { createRouter, json } from '../http/router.ts'
import { createExamination } from './examine.ts'

const findingSchema = z
  .object({
    check: z.string().openapi({ example: 'search attributes' }),
    state: z.enum(FINDING_STATES).openapi({
      description:
        '`down`: nothing is loaded until it is mended; `warning`: something is not, or will not be; ' +
        '`unknown`: it could not be looked at.',
    }),
    detail: z.string(),
    fix: z.string().optional().openapi({ description: 'What to do about it.' }),
  })
  .openapi('Finding')

const examinationSchema = z
  .object({
    ok: z.boolean().openapi({ description: 'Nothing is down.' }),
    groups: z.array(z.object({ group: z.string(), findings: z.array(findingSchema) })),
  })
  .openapi('Examination')

const doctor = createRoute({
  method: 'get',
  path: '/doctor',
  summary: 'Everything Backtide needs, looked at, with what to do about what is wrong',
  description:
    'All at once, within some seconds. What only a worker can see one of them is asked; for each bucket ' +
    'that is one LIST and at most one HEAD. The answer is the same for 5 s.',
  responses: { 200: json(examinationSchema, 'What was found, also when something is down.') },
})

/** The route that looks at everything. */
export function doctorRoutes(deps: Deps) {
  const examine = createExamination(deps)
  return createRouter().openapi(doctor, async (c) => {
    const { ok, groups } = await examine()
    const copies = groups.map(({ group, findings }) => ({ group, findings: [...findings] }))
    return c.json({ ok, groups: copies }, 200)
  })
}
