import { native } from '@tacit/crypto/native'
import { portable } from '@tacit/crypto/portable'
import { webcrypto } from '@tacit/crypto/webcrypto'
import { parseCertificate, type Certificate } from '@tacit/crypto/x509'
import { describe, expect, test } from 'vitest'
import { findAnchor } from './anchor.ts'
import { listIssued, signedCheck } from './chain-rules.ts'
import { parsePemChain } from './chain.ts'
import { honest } from './testing/kit.ts'

const chain = parsePemChain('pck', honest.pckChain, ['pck', 'pck_ca'], ['p256'])
if (!chain.ok) throw new Error(chain.error.code)
const { leaf, certificates } = chain.value
const root = parse(honest.root.certificate)
const pckCa = certificates[1]?.certificate ?? root

function parse(der: Uint8Array): Certificate {
  const parsed = parseCertificate(der, ['p256'])
  if (!parsed.ok) throw new Error(parsed.error.reason)
  return parsed.value
}

describe('a signature by a key of another scheme', () => {
  const keys = [
    { scheme: 'p384', bytes: new Uint8Array(96).fill(1) },
    { scheme: 'rsaPss', bytes: new Uint8Array(512).fill(0xff) },
    { scheme: 'p256', bytes: new Uint8Array(64).fill(1) },
  ] as const
  const signatures = [
    { scheme: 'p256', bytes: new Uint8Array(64).fill(1) },
    { scheme: 'p384', bytes: new Uint8Array(96).fill(1) },
    { scheme: 'rsaPss', bytes: new Uint8Array(512).fill(1) },
  ] as const
  const pairs = keys.flatMap((publicKey) =>
    signatures.map((signature) => [publicKey.scheme, signature.scheme, publicKey, signature]),
  ) as [string, string, Certificate['publicKey'], Certificate['signature']][]

  test.each(pairs)('%s key, %s signature: no verifier accepts it, none throws', async (...pair) => {
    const [, , publicKey, signature] = pair
    const check = signedCheck(
      'pck_signature_invalid',
      { ...root, publicKey },
      { ...leaf, signature },
    )
    expect(native.verify(check)).toBe(false)
    expect(portable.verify(check)).toBe(false)
    expect(await webcrypto.verify(check)).toBe(false)
  })

  test('the same with the right key is accepted', () => {
    expect(native.verify(signedCheck('pck_signature_invalid', pckCa, leaf))).toBe(true)
  })
})

describe('listing', () => {
  test('what is listed comes first and is not repeated', () => {
    const listed = listIssued([{ certificates: certificates.slice(1) }], root)
    expect(listed.map(({ role }) => role)).toEqual(['pck_ca'])
    const all = listIssued([chain.value], root, listed)
    expect(all.map(({ role }) => role)).toEqual(['pck_ca', 'pck'])
    expect(all[1]?.issuer).toBe(pckCa)
    expect(listed).toHaveLength(1)
  })
})

describe('reading again', () => {
  test('a certificate that is known by its bytes is taken as it is, another is read', () => {
    const known = parse(pckCa.der.slice())
    const again = parsePemChain('pck', honest.pckChain, ['pck', 'pck_ca'], ['p256'], [known])
    if (!again.ok) throw new Error(again.error.code)
    expect(again.value.certificates.map(({ certificate }) => certificate === known)).toEqual([
      false,
      true,
    ])
    expect(again.value).toEqual(chain.value)
  })

  test('a pinned root whose bytes changed is not what it was', () => {
    const certificate = honest.root.certificate.slice()
    const trusted = { ...honest.root, certificate }
    const find = (bytes: Uint8Array) =>
      findAnchor([{ ...chain.value, root: bytes }], [trusted], 'intel')
    const first = find(certificate.slice())
    if (!first.ok) throw new Error(first.error.code)
    expect(find(certificate.slice())).toEqual(first)
    const { der, tbs } = first.value.root
    const at = der.indexOf(0x17, tbs.byteOffset - der.byteOffset) + 3
    certificate[at] = 0x31
    const changed = find(certificate.slice())
    if (!changed.ok) throw new Error(changed.error.code)
    expect(changed.value.root.notBefore).not.toBe(first.value.root.notBefore)
    expect(changed.value.root.der).toEqual(certificate)
    expect(first.value.root.der).toEqual(honest.root.certificate)
  })
})
