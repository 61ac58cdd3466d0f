import { createS3Client } from '@backtide/activities/objects/s3/client'
import { expect, it } from 'vitest'

it('an S3 client uses the credentials it is given, whatever the environment has', async () => {
  const credentials = { accessKeyId: 'id', secretAccessKey: 'secret', sessionToken: 'session' }
  const place = { bucket: 'b', region: 'us-east-1', requesterPays: true }
  const client = createS3Client(place, { credentials })
  expect(await client.config.credentials()).toMatchObject(credentials)
})
