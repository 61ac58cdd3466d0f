import { InvalidArgumentError } from 'commander'

/** Coins of one `--coins` added to those before it. */
export function collectCoins(list: string, before: string[] = []): string[] {
  const coins = list.split(',').map((coin) => coin.trim())
  return [...before, ...coins.filter((coin) => coin !== '')]
}

/** A whole number; the API says which ones are allowed. */
export function readInteger(text: string): number {
  if (!/^\d{1,9}$/.test(text)) throw new InvalidArgumentError('Expected a whole number.')
  return Number(text)
}
