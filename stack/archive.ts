import type { Env } from '@backtide/config/environment'
import type { Settings } from '@backtide/config/process-settings'

/** Where the objects of datasets are read. */
export interface Archive {
  /** Address of a configured S3; undefined: the local gateway. */
  readonly s3: string | undefined
  /** What decided it, in a sentence for people. */
  readonly why: string
}

const AWS = 'https://s3.amazonaws.com'
/** Variables by which the SDK finds credentials, beside a key. */
const CREDENTIALS = [
  'AWS_PROFILE',
  'AWS_ROLE_ARN',
  'AWS_WEB_IDENTITY_TOKEN_FILE',
  'AWS_CONTAINER_CREDENTIALS_RELATIVE_URI',
  'AWS_CONTAINER_CREDENTIALS_FULL_URI',
]

/**
 * An endpoint that is set is used, else AWS where credentials for it are set, else a local gateway.
 * To the demo, which reads nothing but its sample, credentials mean nothing.
 */
export function chooseArchive(settings: Settings, env: Env, demo: boolean): Archive {
  const endpoint = settings.get('s3.endpoint')
  if (endpoint !== undefined) return configured(settings.origin('s3.endpoint').name, endpoint)
  const key = settings.get('s3.accessKeyId') && settings.origin('s3.accessKeyId').name
  const credentials = key ?? CREDENTIALS.find((name) => env[name]?.trim())
  if (credentials === undefined) return local('no AWS credentials are set')
  if (demo) return local(`the demo reads only its sample; ${credentials} is not used`)
  return {
    s3: AWS,
    why:
      `Archives are read from AWS, as ${credentials} is set: what is fetched is paid for. ` +
      'Unset it, and a local S3 gateway is used instead.',
  }
}

function configured(by: string, endpoint: string): Archive {
  const { protocol, host } = new URL(endpoint)
  return { s3: endpoint, why: `Archives are read from ${protocol}//${host}, as ${by} is set.` }
}

function local(because: string): Archive {
  return { s3: undefined, why: `Archives are read from the local S3 gateway, as ${because}.` }
}

/**
 * Why the sample is not loaded; undefined where it is: what is made up is written to a local QuestDB and
 * a local gateway only, never to servers of the user's.
 */
export function explainNoSample(questdb: string | undefined, { s3 }: Archive): string | undefined {
  const theirs = [...(questdb ? ['QuestDB'] : []), ...(s3 ? ['S3'] : [])]
  if (theirs.length === 0) return undefined
  return `The sample is not loaded: it is made up, and ${theirs.join(' and ')} is configured, not local.`
}
