import { readQuestDbConf } from '@backtide/store/conf'
import { z } from 'zod'
import { holdsSecret } from './mask.ts'

/** A client configuration of QuestDB that can be read. */
export const questDbConf = z.string('must be text').superRefine((conf, context) => {
  try {
    readQuestDbConf(conf)
  } catch {
    // What is wrong with it is not quoted: it may hold a password.
    context.addIssue({ code: 'custom', message: 'must be like http::addr=127.0.0.1:9000;' })
  }
})

/** Has a client configuration that names a user, but not the password, say that too. */
export function withPassword(conf: string, password: string | undefined): string {
  const lacksIt = /[:;]username=[^;]/.test(conf) && !holdsSecret(conf)
  if (password === undefined || !lacksIt) return conf
  return `${conf.trim().replace(/;$/, '')};password=${password.replaceAll(';', ';;')};`
}
