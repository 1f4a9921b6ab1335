import { readFile } from 'node:fs/promises'
import { parseHex } from '@tacit/base'
import { deriveKeypair, devKeypair, type AccountScheme, type Keypair } from '@tacit/crypto'
import { usageError } from './output.ts'

export const SCHEMES: readonly AccountScheme[] = ['sr25519', 'ed25519', 'ecdsa']

export function parseScheme(text: string): AccountScheme {
  const scheme = SCHEMES.find((one) => one === text)
  if (scheme) return scheme
  throw usageError(`${text} is no signature scheme`, `Use ${SCHEMES.join(', ')}.`)
}

/**
 * A signer from the command line: `//Alice` (development account), or a file that holds 64 hex
 * digits of secret seed. Secrets on the command line itself would end in shell histories.
 */
export async function loadSigner(text: string, scheme: AccountScheme): Promise<Keypair> {
  if (text.startsWith('//')) return devKeypair(text, scheme)
  const content = await readFile(text, 'utf8').catch(() => undefined)
  const seed = content === undefined ? undefined : parseHex(content.trim())
  const pair =
    seed?.ok && seed.value.length === 32 ? deriveKeypair(scheme, seed.value, '') : undefined
  if (pair?.ok) return pair.value
  throw usageError(
    `${text} is neither a development account nor a key file`,
    'Write //Alice, or name a file with 64 hex digits; `tacit account new --out FILE` makes one.',
  )
}
