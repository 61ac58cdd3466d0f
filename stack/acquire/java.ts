import { join } from 'node:path'
import { onPath, outputOf } from '../processes/run-command.ts'
import { StackError } from '../stack-error.ts'
import { MIN_JAVA } from './versions.ts'

/** Major version in what `java -version` prints: 17 for `17.0.15`, 8 for `1.8.0_292`. */
export function javaVersion(output: string): number | undefined {
  const match = /version "(\d+)(?:\.(\d+))?/.exec(output)
  if (!match) return undefined
  const [major, minor] = [Number(match[1]), Number(match[2] ?? 0)]
  return major === 1 ? minor : major
}

/**
 * The first Java that is new enough: of JAVA_HOME, else on PATH.
 * @throws StackError that says what to install
 */
export async function findJava(env: NodeJS.ProcessEnv): Promise<string> {
  const candidates = [env.JAVA_HOME && join(env.JAVA_HOME, 'bin', 'java'), onPath('java', env.PATH)]
  let found: number | undefined
  for (const java of candidates) {
    if (!java) continue
    const version = javaVersion((await outputOf(java, ['-version'])) ?? '')
    if (version !== undefined && version >= MIN_JAVA) return java
    found ??= version
  }
  throw new StackError(
    `Java ${MIN_JAVA} or newer is needed to run QuestDB${found ? `, this is Java ${found}` : ''}. ` +
      'Install one (Debian: apt install openjdk-17-jre-headless, macOS: brew install openjdk), ' +
      'or set QDB_CLIENT_CONF to a QuestDB that is running.',
  )
}
