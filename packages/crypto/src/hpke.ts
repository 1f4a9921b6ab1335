import { expand, extract } from '@noble/hashes/hkdf.js'
import { sha256 } from '@noble/hashes/sha2.js'
import { concatBytes, err, ok, utf8, type Result } from '@tacit/base'
import { aeadOpen, aeadSeal } from './aead.ts'
import { withHidden } from './hidden.ts'
import { x25519, x25519PublicKey } from './x25519.ts'

/**
 * HPKE (RFC 9180) in base mode: DHKEM(X25519, HKDF-SHA256), HKDF-SHA256, AES-GCM. One message per
 * encapsulation, which is all that a sealed command or key share needs.
 */

/** AES-256-GCM is ours; AES-128-GCM is there for the RFC's own vectors. */
export type HpkeAead = 'aes-256-gcm' | 'aes-128-gcm'

/** The recipient's key is not an X25519 key that keeps a secret. */
export type HpkeKeyError = { readonly code: 'hpke_key_invalid' }

/** The message was not sealed to this key with this info and aad, or was changed since. */
export type HpkeError = { readonly code: 'hpke_open_failed' }

/** The private key is not enumerable: it stays out of JSON, spreads and logs. */
export type HpkeKeypair = { readonly publicKey: Uint8Array; readonly privateKey: Uint8Array }

const AEADS = {
  'aes-128-gcm': { id: 1, keyBytes: 16 },
  'aes-256-gcm': { id: 2, keyBytes: 32 },
} as const
const KEM_SUITE = concatBytes(utf8('KEM'), u16be(0x0020))
const VERSION = utf8('HPKE-v1')
const NONE = new Uint8Array()

/** A recipient's key pair from 32 random bytes, by the RFC's DeriveKeyPair. */
export function hpkeGenerateKeypair(random32: Uint8Array): HpkeKeypair {
  const secret = labeledExtract(KEM_SUITE, NONE, 'dkp_prk', random32)
  const privateKey = labeledExpand(KEM_SUITE, secret, 'sk', NONE, 32)
  return withHidden({ publicKey: x25519PublicKey(privateKey) }, { privateKey })
}

/** The public key of a recipient's 32 private bytes. */
export function hpkePublicKey(privateKey: Uint8Array): Uint8Array {
  return x25519PublicKey(privateKey)
}

/**
 * Seals a message to a recipient.
 * @param input.ephemeralSeed32 32 fresh random bytes; never used twice.
 * @returns the encapsulated key (32 bytes) and the ciphertext (16 bytes longer than the message).
 */
export function hpkeSeal(input: {
  readonly recipientPublicKey: Uint8Array
  readonly info: Uint8Array
  readonly aad: Uint8Array
  readonly plaintext: Uint8Array
  readonly ephemeralSeed32: Uint8Array
  readonly aead?: HpkeAead
}): Result<{ enc: Uint8Array; ciphertext: Uint8Array }, HpkeKeyError> {
  const ephemeral = hpkeGenerateKeypair(input.ephemeralSeed32)
  const shared = x25519(ephemeral.privateKey, input.recipientPublicKey)
  if (!shared.ok) return err({ code: 'hpke_key_invalid' })
  const enc = ephemeral.publicKey
  const secret = kemSecret(shared.value, enc, input.recipientPublicKey)
  const schedule = keySchedule(secret, input.info, input.aead ?? 'aes-256-gcm')
  const { aad, plaintext } = input
  return ok({ enc, ciphertext: aeadSeal({ ...schedule, aad, plaintext }) })
}

/** Opens a message that was sealed to a recipient. */
export function hpkeOpen(input: {
  readonly recipientPrivateKey: Uint8Array
  readonly enc: Uint8Array
  readonly info: Uint8Array
  readonly aad: Uint8Array
  readonly ciphertext: Uint8Array
  readonly aead?: HpkeAead
}): Result<Uint8Array, HpkeError> {
  const shared = x25519(input.recipientPrivateKey, input.enc)
  if (!shared.ok) return err({ code: 'hpke_open_failed' })
  const secret = kemSecret(shared.value, input.enc, x25519PublicKey(input.recipientPrivateKey))
  const schedule = keySchedule(secret, input.info, input.aead ?? 'aes-256-gcm')
  const opened = aeadOpen({ ...schedule, aad: input.aad, ciphertext: input.ciphertext })
  return opened.ok ? opened : err({ code: 'hpke_open_failed' })
}

/** ExtractAndExpand of section 4.1. */
function kemSecret(shared: Uint8Array, enc: Uint8Array, recipient: Uint8Array): Uint8Array {
  const prk = labeledExtract(KEM_SUITE, NONE, 'eae_prk', shared)
  return labeledExpand(KEM_SUITE, prk, 'shared_secret', concatBytes(enc, recipient), 32)
}

/** KeySchedule of section 5.1 for mode_base; the nonce is that of sequence number 0. */
function keySchedule(
  secret: Uint8Array,
  info: Uint8Array,
  aead: HpkeAead,
): { key: Uint8Array; nonce: Uint8Array } {
  const { id, keyBytes } = AEADS[aead]
  const suite = concatBytes(utf8('HPKE'), u16be(0x0020), u16be(0x0001), u16be(id))
  const context = concatBytes(
    Uint8Array.of(0),
    labeledExtract(suite, NONE, 'psk_id_hash', NONE),
    labeledExtract(suite, NONE, 'info_hash', info),
  )
  const prk = labeledExtract(suite, secret, 'secret', NONE)
  return {
    key: labeledExpand(suite, prk, 'key', context, keyBytes),
    nonce: labeledExpand(suite, prk, 'base_nonce', context, 12),
  }
}

function labeledExtract(
  suite: Uint8Array,
  salt: Uint8Array,
  label: string,
  ikm: Uint8Array,
): Uint8Array {
  return extract(sha256, concatBytes(VERSION, suite, utf8(label), ikm), salt)
}

function labeledExpand(
  suite: Uint8Array,
  prk: Uint8Array,
  label: string,
  info: Uint8Array,
  length: number,
): Uint8Array {
  const labeled = concatBytes(u16be(length), VERSION, suite, utf8(label), info)
  return expand(sha256, prk, labeled, length)
}

function u16be(value: number): Uint8Array {
  return Uint8Array.of(value >> 8, value & 0xff)
}
