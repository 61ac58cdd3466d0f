import { StackError } from './stack-error.ts'

/** Where the objects of datasets are read. */
export interface Archive {
  /** Address of a configured S3; undefined: the local gateway. */
  readonly s3: string | undefined
  /** What decided it, in a sentence for people. */
  readonly why: string
}

const AWS = 'https://s3.amazonaws.com'
const ENDPOINTS = ['AWS_ENDPOINT_URL_S3', 'AWS_ENDPOINT_URL']
const CREDENTIALS = [
  'AWS_ACCESS_KEY_ID',
  'AWS_PROFILE',
  'AWS_ROLE_ARN',
  'AWS_WEB_IDENTITY_TOKEN_FILE',
  'AWS_CONTAINER_CREDENTIALS_RELATIVE_URI',
  'AWS_CONTAINER_CREDENTIALS_FULL_URI',
]

/**
 * An endpoint that is set is used, else AWS where credentials for it are set, else a local gateway.
 * To the demo, which reads nothing but its sample, credentials mean nothing.
 * @param read a variable of the environment; undefined when it is not set
 * @throws StackError (exit code 2) when the endpoint is no URL
 */
export function chooseArchive(read: (name: string) => string | undefined, demo: boolean): Archive {
  const endpoint = ENDPOINTS.find(read)
  if (endpoint !== undefined) return configured(endpoint, read(endpoint) ?? '')
  const credentials = CREDENTIALS.find(read)
  if (credentials === undefined) return local('no AWS credentials are set')
  if (demo) return local(`the demo reads only its sample; ${credentials} is not used`)
  return {
    s3: AWS,
    why:
      `Archives are read from AWS, as ${credentials} is set: what is fetched is paid for. ` +
      'Unset it, and a local S3 gateway is used instead.',
  }
}

function configured(variable: string, endpoint: string): Archive {
  if (!URL.canParse(endpoint)) {
    throw new StackError(
      `${variable} is "${endpoint}"; it has to be a URL such as http://127.0.0.1:7070.`,
      2,
    )
  }
  const { protocol, host } = new URL(endpoint)
  return {
    s3: endpoint,
    why: `Archives are read from ${protocol}//${host}, as ${variable} is set.`,
  }
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
