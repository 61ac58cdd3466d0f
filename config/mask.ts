const IN_CONF = /\b(password|token|tls_roots_password)=((?:;;|[^;])+)/g
const IN_ADDRESS = /(:\/\/)[^/@\s]+@/g

/** Stands for what is not shown. */
export const HIDDEN = '•••'

/** Text without the secrets in it: passwords of a client configuration, credentials of an address. */
export function mask(text: string): string {
  return text.replaceAll(IN_CONF, `$1=${HIDDEN}`).replaceAll(IN_ADDRESS, `$1${HIDDEN}@`)
}

/** Whether there is a secret in a text. */
export function holdsSecret(text: string): boolean {
  return mask(text) !== text
}
