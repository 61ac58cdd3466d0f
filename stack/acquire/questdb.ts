import { copyFileSync, existsSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { acquire, type AcquireOptions, type Way } from './acquire.ts'
import { findJava } from './java.ts'
import { unpackRelease } from './release.ts'
import { onPath, runCommand } from '../processes/run-command.ts'
import { QUESTDB_VERSION as VERSION } from './versions.ts'

/** What runs a QuestDB. */
export interface QuestDbProgram {
  readonly java: string
  readonly jar: string
}

/**
 * QuestDB's jar (in the cache, downloaded, or from Maven) and a Java that runs it.
 * @throws StackError that says what to install
 */
export async function acquireQuestDb(options: AcquireOptions): Promise<QuestDbProgram> {
  const { env } = options
  // First what people must install themselves: no use in downloading before.
  const java = await findJava(env)
  const jar = await acquire(
    {
      title: `QuestDB ${VERSION}`,
      folder: `questdb-${VERSION}`,
      file: 'questdb.jar',
      ways: [fromLocalMaven(env), fromRelease(), fromMaven(env)],
      remedy: 'Install Maven, or set QDB_CLIENT_CONF to a QuestDB that is running.',
    },
    options,
  )
  return { java, jar }
}

function fromRelease(): Way {
  const asset = `questdb-${VERSION}-no-jre-bin.tar.gz`
  return {
    what: `downloading QuestDB ${VERSION}`,
    fill: (folder) =>
      unpackRelease({ repository: 'questdb/questdb', tag: VERSION, asset }, folder, 1),
  }
}

function fromLocalMaven(env: NodeJS.ProcessEnv): Way {
  const name = `questdb-${VERSION}.jar`
  const repository = join(env.HOME || homedir(), '.m2', 'repository')
  const jar = join(repository, 'org', 'questdb', 'questdb', VERSION, name)
  return {
    what: `looking for QuestDB ${VERSION} in the local Maven repository`,
    fill: async (folder) => {
      if (!existsSync(jar)) throw new Error('it is not there')
      copyFileSync(jar, join(folder, 'questdb.jar'))
    },
  }
}

function fromMaven(env: NodeJS.ProcessEnv): Way {
  return {
    what: `getting QuestDB ${VERSION} with Maven (seconds)`,
    fill: async (folder) => {
      const mvn = onPath('mvn', env.PATH)
      if (!mvn) throw new Error('mvn is not on PATH')
      await runCommand({
        name: 'mvn',
        command: mvn,
        args: mavenArgs(folder),
        env,
        // Maven reads a pom.xml where it runs.
        cwd: folder,
        logFile: join(folder, 'maven.log'),
      })
    },
  }
}

/** Maven checks what it downloads against the sums published with it; `-C` makes a difference fatal. */
function mavenArgs(folder: string): string[] {
  return [
    '--batch-mode',
    '--strict-checksums',
    'dependency:copy',
    `-Dartifact=org.questdb:questdb:${VERSION}`,
    `-DoutputDirectory=${folder}`,
    '-Dmdep.stripVersion=true',
  ]
}
