import { InvalidArgumentError } from 'commander'

/** Names of one comma-separated list added to those of the lists before it. */
export function collectNames(list: string, before: string[] = []): string[] {
  const names = list.split(',').map((name) => name.trim())
  return [...before, ...names.filter((name) => name !== '')]
}

/** A whole number; the API says which ones are allowed. */
export function readInteger(text: string): number {
  if (!/^\d{1,9}$/.test(text)) throw new InvalidArgumentError('Expected a whole number.')
  return Number(text)
}
