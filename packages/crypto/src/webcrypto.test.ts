import { describe, expect, test, vi } from 'vitest'
import { ECDSA_CASES } from './testing/ecdsa-cases.ts'
import { ED25519_CASES } from './testing/ed25519-cases.ts'
import { goodP256, goodP384, P256_CASES, P384_CASES } from './testing/nist-cases.ts'
import { goodRsaPss, RSA_PSS_CASES } from './testing/rsa-cases.ts'
import { SR25519_CASES } from './testing/sr25519-cases.ts'
import { createWebcrypto, webcrypto } from './webcrypto.ts'

const { subtle } = globalThis.crypto
const CASES = [...P256_CASES, ...P384_CASES, ...RSA_PSS_CASES]
const OF_ACCOUNTS = [...SR25519_CASES, ...ED25519_CASES, ...ECDSA_CASES]
const GOOD = [goodP256(), goodP384(), goodRsaPss()]

/** WebCrypto with its calls counted, or with one of them refused. */
function spied(refused?: 'importKey' | 'verify') {
  const refuse = () => Promise.reject(new DOMException('not here', 'NotSupportedError'))
  const importKey = vi.fn(
    refused === 'importKey' ? refuse : subtle.importKey.bind(subtle),
  ) as unknown as typeof subtle.importKey
  const verify = vi.fn(refused === 'verify' ? refuse : subtle.verify.bind(subtle))
  return Object.assign(Object.create(subtle) as SubtleCrypto, { importKey, verify })
}

describe.each([
  ['WebCrypto', webcrypto],
  ['no WebCrypto', createWebcrypto(undefined)],
  ['WebCrypto that takes no key', createWebcrypto(spied('importKey'))],
  ['WebCrypto that decides nothing', createWebcrypto(spied('verify'))],
])('%s', (_, verifier) => {
  test('answers every case of the acceptance set as the providers do', async () => {
    for (const { name, check, expected } of CASES) {
      expect(await verifier.verify(check), `${check.scheme} ${name}`).toBe(expected === 'valid')
    }
  })

  test('has no say about the schemes of accounts', async () => {
    for (const { check } of OF_ACCOUNTS) expect(await verifier.verify(check)).toBe(false)
  })
})

test.each(GOOD)('$scheme: WebCrypto decides, its key imported once', async (check) => {
  const counted = spied()
  const verifier = createWebcrypto(counted)
  expect(await verifier.verify(check)).toBe(true)
  expect(await verifier.verify({ ...check, message: new Uint8Array() })).toBe(false)
  expect(counted.verify).toHaveBeenCalledTimes(2)
  expect(counted.importKey).toHaveBeenCalledTimes(1)
})

test.each(GOOD)('$scheme: what the form rules out never reaches WebCrypto', async (check) => {
  const counted = spied()
  const signature = new Uint8Array(check.signature.length).fill(255)
  expect(await createWebcrypto(counted).verify({ ...check, signature })).toBe(false)
  expect(counted.importKey).not.toHaveBeenCalled()
})

test.each(GOOD)('$scheme: the bytes are those of the call', async (check) => {
  const signature = Uint8Array.from(check.signature)
  const answer = createWebcrypto(subtle).verify({ ...check, signature })
  signature.fill(0)
  expect(await answer).toBe(true)
})

test('shared memory may hold the bytes', async () => {
  const check = goodP256()
  const message = new Uint8Array(new SharedArrayBuffer(check.message.length))
  message.set(check.message)
  expect(await webcrypto.verify({ ...check, message })).toBe(true)
})
