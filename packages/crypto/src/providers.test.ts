import { bytesToHex } from '@tacit/base'
import { describe, expect, test } from 'vitest'
import { isAcceptable } from './acceptance.ts'
import { native } from './native/index.ts'
import { portable } from './portable/index.ts'
import { asView } from './testing/bytes.ts'
import type { Case } from './testing/cases.ts'
import { ECDSA_CASES } from './testing/ecdsa-cases.ts'
import {
  ED25519_CASES,
  nonCanonicalEncodings,
  smallOrderEncodings,
} from './testing/ed25519-cases.ts'
import { P256_CASES, P384_CASES } from './testing/nist-cases.ts'
import { RSA_PSS_CASES } from './testing/rsa-cases.ts'
import { SPECCHECK } from './testing/speccheck.ts'
import { goodSr25519, SR25519_CASES } from './testing/sr25519-cases.ts'
import type { SignatureCheck } from './types.ts'

type Decision = {
  readonly acceptable: boolean
  readonly native: boolean
  readonly portable: boolean
}

const DECISIONS: { readonly [E in Case['expected']]: Decision } = {
  form: { acceptable: false, native: false, portable: false },
  equation: { acceptable: true, native: false, portable: false },
  valid: { acceptable: true, native: true, portable: true },
}

function decide(check: SignatureCheck): Decision {
  return {
    acceptable: isAcceptable(check),
    native: native.verify(check),
    portable: portable.verify(check),
  }
}

function reshape(check: SignatureCheck, to: (bytes: Uint8Array) => Uint8Array): SignatureCheck {
  return {
    scheme: check.scheme,
    publicKey: to(check.publicKey),
    message: to(check.message),
    signature: to(check.signature),
  }
}

describe.each([
  ['ed25519', ED25519_CASES, 71],
  ['sr25519', SR25519_CASES, 16],
  ['ecdsa', ECDSA_CASES, 22],
  ['p256', P256_CASES, 22],
  ['p384', P384_CASES, 22],
  ['rsaPss', RSA_PSS_CASES, 38],
] as const)('%s', (_scheme, cases, count) => {
  test('no case is missing', () => {
    expect(cases).toHaveLength(count)
  })
  test.each(cases)('$name: $expected', ({ check, expected }) => {
    expect(decide(check)).toEqual(DECISIONS[expected])
    // A Buffer's slice() is a view: what copies by it writes into the caller's bytes.
    const buffers = reshape(check, (bytes) => Buffer.from(bytes))
    expect(decide(buffers)).toEqual(DECISIONS[expected])
    expect(bytesToHex(buffers.signature)).toBe(bytesToHex(check.signature))
    expect(bytesToHex(buffers.publicKey)).toBe(bytesToHex(check.publicKey))
    expect(decide(reshape(check, asView))).toEqual(DECISIONS[expected])
  })
})

describe('ed25519 by others', () => {
  test('speccheck: the one that libsodium accepts', () => {
    expect(SPECCHECK).toHaveLength(15)
    const accepted = SPECCHECK.map((check, at) => (decide(check).native ? at : -1))
    expect(accepted.filter((at) => at >= 0)).toEqual([6])
    for (const check of SPECCHECK) expect(decide(check).portable).toBe(decide(check).native)
  })
  test('the lists of bad encodings are whole', () => {
    // "Taming the many EdDSAs" counts 8 canonical and 6 other encodings of small order.
    expect(smallOrderEncodings()).toHaveLength(14)
    expect(nonCanonicalEncodings()).toHaveLength(10)
  })
})

describe('sr25519 in WebAssembly', () => {
  test('lives on after any number of keys that are no points', () => {
    const good = goodSr25519()
    const publicKey = Uint8Array.from(good.publicKey)
    for (let at = 0; at < 4000; at++) {
      publicKey[1] = at & 0xff
      publicKey[2] = at >> 8
      expect(native.verify({ ...good, publicKey })).toBe(false)
    }
    expect(native.verify(good)).toBe(true)
  })
})
