import { ed25519, ristretto255 } from '@noble/curves/ed25519.js'
import { __tests } from '@scure/sr25519'
import { concatBytes, utf8 } from '@tacit/base'
import { keypairFromSeed } from '../keypair.ts'
import { fromLe, hex, le32 } from './bytes.ts'
import type { Case } from './cases.ts'

const { Point } = ristretto255
const ORDER = ed25519.Point.Fn.ORDER
const PRIME = 2n ** 255n - 19n
const MARKER = 2n ** 255n

export function goodSr25519(): Case['check'] {
  const pair = keypairFromSeed('sr25519', new Uint8Array(32).fill(9))
  const message = utf8('sr25519 message')
  return { scheme: 'sr25519', publicKey: pair.publicKey, message, signature: pair.sign(message) }
}

/** What schnorrkel hashes to the challenge of a simple signature in context `substrate`. */
function challengeOf(publicKey: Uint8Array, encodedR: Uint8Array, message: Uint8Array): bigint {
  const transcript = new __tests.SigningContext('SigningContext')
  transcript.label(utf8('substrate'))
  transcript.bytes(message)
  transcript.protoName('Schnorr-sig')
  transcript.appendMessage('sign:pk', publicKey)
  transcript.appendMessage('sign:R', encodedR)
  return transcript.challengeScalar('sign:c')
}

/** The equation holds with R = 0, or with a key 0 whose secret everybody knows. */
function zeroPointCases(): Case[] {
  const secret = 123_456_789n
  const publicKey = Point.BASE.multiply(secret).toBytes()
  const zero = Point.ZERO.toBytes()
  const message = utf8('zero point')
  const signed = (key: Uint8Array, encodedR: Uint8Array, s: bigint): Case['check'] => ({
    scheme: 'sr25519',
    publicKey: key,
    message,
    signature: concatBytes(encodedR, le32((s % ORDER) + MARKER)),
  })
  const k = challengeOf(publicKey, zero, message)
  const nonce = Point.BASE.multiply(77n).toBytes()
  return [
    { name: 'R = 0', check: signed(publicKey, zero, k * secret), expected: 'valid' },
    { name: 'key = 0', check: signed(zero, nonce, 77n), expected: 'form' },
  ]
}

function encodingCases(): Case[] {
  const good = goodSr25519()
  const encodedR = good.signature.subarray(0, 32)
  const sBytes = good.signature.subarray(32)
  const s = fromLe(sBytes) - MARKER
  const withS = (value: bigint): Case['check'] => ({
    ...good,
    signature: concatBytes(encodedR, le32(value)),
  })
  const withR = (bytes: Uint8Array): Case['check'] => ({
    ...good,
    signature: concatBytes(bytes, sBytes),
  })
  const withKey = (publicKey: Uint8Array): Case['check'] => ({ ...good, publicKey })
  const negated = (bytes: Uint8Array): Uint8Array => le32(PRIME - fromLe(bytes))
  return [
    { name: 'a signature', check: good, expected: 'valid' },
    { name: 'no marker', check: withS(s), expected: 'form' },
    { name: 's + L', check: withS(s + ORDER + MARKER), expected: 'form' },
    { name: 's = L', check: withS(ORDER + MARKER), expected: 'form' },
    { name: 's = L - 1', check: withS(ORDER - 1n + MARKER), expected: 'equation' },
    { name: 's = 0', check: withS(MARKER), expected: 'equation' },
    { name: 'R negative', check: withR(negated(encodedR)), expected: 'equation' },
    { name: 'R = p', check: withR(le32(PRIME)), expected: 'equation' },
    { name: 'R with top bit', check: withR(le32(fromLe(encodedR) + MARKER)), expected: 'equation' },
    { name: 'key negative', check: withKey(negated(good.publicKey)), expected: 'equation' },
    { name: 'key = p', check: withKey(le32(PRIME)), expected: 'equation' },
    {
      name: 'key with top bit',
      check: withKey(le32(fromLe(good.publicKey) + MARKER)),
      expected: 'equation',
    },
    // RFC 9496, appendix A.3: non-square x^2.
    {
      name: 'key not on the curve',
      check: withKey(hex('26948d35ca62e643e26a83177332e6b6afeb9d08e4268b650f1f5bbd8d81d371')),
      expected: 'equation',
    },
    { name: 'other message', check: { ...good, message: utf8('other') }, expected: 'equation' },
  ]
}

export const SR25519_CASES: readonly Case[] = [...encodingCases(), ...zeroPointCases()]
