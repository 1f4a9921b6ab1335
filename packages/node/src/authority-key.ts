import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { equalBytes, parseHex, toHex } from '@tacit/base'
import { devSeed, keypairFromSeed } from '@tacit/crypto'
import { ed25519Signer } from '@tacit/crypto/native'
import type { GenesisSpec } from '@tacit/runtime'
import type { AuthorityKey } from './engine/signer.ts'
import { NodeError } from './errors.ts'

/** Name of the key's file in the base path: the 32-byte ed25519 seed in hex. */
export const AUTHORITY_KEY_FILE = 'authority.key'

/**
 * The key of the chain's only authority: from its file, or on a development chain //Alice's. Throws
 * `authority_key_missing` or `authority_key_wrong`.
 * @param path of the key's file, by default AUTHORITY_KEY_FILE in the base path.
 */
export function loadAuthorityKey(
  basePath: string,
  genesis: GenesisSpec,
  path: string = join(basePath, AUTHORITY_KEY_FILE),
): AuthorityKey {
  const expected = genesis.authorities[0]?.id ?? new Uint8Array()
  const alice = fromSeed(devSeed('Alice'))
  const isAlice = genesis.chainClass === 'development' && equalBytes(alice.publicKey, expected)
  const key = readKey(path) ?? (isAlice ? alice : undefined)
  if (!key) throw new NodeError({ code: 'authority_key_missing', path })
  if (genesis.authorities.length === 1 && equalBytes(key.publicKey, expected)) return key
  const [actual, wanted] = [toHex(key.publicKey), genesis.authorities.map(({ id }) => toHex(id))]
  throw new NodeError({ code: 'authority_key_wrong', expected: wanted.join(', '), actual })
}

function readKey(path: string): AuthorityKey | undefined {
  let text: string
  try {
    text = readFileSync(path, 'utf8')
  } catch {
    return undefined
  }
  const seed = parseHex(text.trim())
  return seed.ok && seed.value.length === 32 ? fromSeed(seed.value) : undefined
}

function fromSeed(seed: Uint8Array): AuthorityKey {
  return { publicKey: keypairFromSeed('ed25519', seed).publicKey, sign: ed25519Signer(seed) }
}
