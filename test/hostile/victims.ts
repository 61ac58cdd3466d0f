import { ListBucketsCommand, ListObjectsV2Command, PutObjectCommand } from '@aws-sdk/client-s3'
import type { LocalStack } from '@backtide/stack/local-stack'
import { createClient } from '@backtide/stack/servers/s3-client'
import { readQuestDbConf } from '@backtide/store/conf'
import { Client, Connection } from '@temporalio/client'

/** Something on every server that nobody but its owner may see or change. */
export interface Victims extends AsyncDisposable {
  /** All that is there: tables and rows, workflows and the length of their histories, objects, backfills. */
  look(): Promise<{
    readonly runs: readonly (readonly [id: string, status: string, events: number])[]
  }>
}

/** What victims are called, which an attacker may know. */
export const VICTIM = 'backtide_victim'

/** What is in them. */
export const SECRET = 'what_nobody_may_see'

export async function plantVictims({ addresses, servers }: LocalStack): Promise<Victims> {
  const { localS3 } = servers
  if (!localS3) throw new Error('the gateway is not a local one')
  const connection = await Connection.connect({ address: addresses.temporal })
  const temporal = new Client({ connection })
  const s3 = createClient(localS3)
  const { url, headers } = readQuestDbConf(servers.questdbConf)
  const query = async (text: string) => {
    const answer = await fetch(`${url}/exec?query=${encodeURIComponent(text)}`, { headers })
    const { dataset, error }: { dataset?: unknown; error?: string } = JSON.parse(
      await answer.text(),
    )
    if (error) throw new Error(error)
    return dataset
  }
  await query(
    `CREATE TABLE ${VICTIM} AS (SELECT '${SECRET}' secret, now() ts FROM long_sequence(1))`,
  )
  // Nobody works for it, so it stays as it is.
  await temporal.workflow.start('victim', {
    workflowId: VICTIM,
    taskQueue: 'nobody',
    args: [SECRET],
  })
  const { Buckets = [] } = await s3.send(new ListBucketsCommand({}))
  const Bucket = Buckets[0]?.Name
  await s3.send(new PutObjectCommand({ Bucket, Key: VICTIM, Body: SECRET }))
  return {
    look: async () => {
      const runs: [string, string, number][] = []
      for await (const run of temporal.workflow.list()) {
        const { workflowId, runId } = run
        const { status, historyLength } = await temporal.workflow
          .getHandle(workflowId, runId)
          .describe()
        runs.push([workflowId, status.name, historyLength])
      }
      const backfills = await fetch(`${addresses.api}/backfills`)
      return {
        tables: await query('SELECT table_name FROM tables() ORDER BY 1'),
        rows: await query(`SELECT secret FROM ${VICTIM}`),
        runs,
        buckets: (await s3.send(new ListBucketsCommand({}))).Buckets?.map(({ Name }) => Name),
        objects: (await s3.send(new ListObjectsV2Command({ Bucket }))).Contents?.map(
          ({ Key }) => Key,
        ),
        backfills: await backfills.json(),
      }
    },
    [Symbol.asyncDispose]: async () => {
      s3.destroy()
      await connection.close()
    },
  }
}
