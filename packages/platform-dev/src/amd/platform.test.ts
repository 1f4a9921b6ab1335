import { X509Certificate } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { createDevAmd } from './platform.ts'

const NOW = Date.UTC(2026, 5, 1) / 1000
const SEED = new Uint8Array(32).fill(7)
const LAUNCH = { measurement: new Uint8Array(48).fill(1) }
const platform = createDevAmd({ seed: SEED, now: NOW })

describe('what the seed decides', () => {
  test('the same seed gives the same root, collateral and reports, byte for byte', () => {
    const again = createDevAmd({ seed: SEED.slice(), now: NOW })
    expect(again.root).toEqual(platform.root)
    expect(again.collateral()).toEqual(platform.collateral())
    const report = platform.launchGuest(LAUNCH).report(new Uint8Array(64))
    expect(again.launchGuest(LAUNCH).report(new Uint8Array(64))).toEqual(report)
  })

  test('the root does not depend on the time', () => {
    expect(createDevAmd({ seed: SEED, now: NOW + 1e7 }).root).toEqual(platform.root)
  })

  test('another family has another root', () => {
    const milan = createDevAmd({ seed: SEED, now: NOW, family: 'Milan' })
    expect(milan.root.fingerprint).not.toEqual(platform.root.fingerprint)
  })

  test('wrong lengths are bugs of the caller', () => {
    expect(() => createDevAmd({ seed: new Uint8Array(31), now: NOW })).toThrow(/32 bytes/)
    expect(() => platform.launchGuest({ measurement: new Uint8Array(32) })).toThrow(/48 bytes/)
    const guest = platform.launchGuest(LAUNCH)
    expect(() => guest.report(new Uint8Array(32))).toThrow(/64 bytes/)
  })
})

describe('certificates, as OpenSSL reads them', () => {
  test.each(['vcek', 'vlek'] as const)('%s', (signingKey) => {
    const { endorsement, chain } = platform.collateral({ signingKey })
    const blocks = new TextDecoder()
      .decode(chain)
      .match(/-----BEGIN[^]+?-----END CERTIFICATE-----/g)
    const [issuer, root] = (blocks ?? []).map((block) => new X509Certificate(block))
    const leaf = new X509Certificate(endorsement)
    expect(leaf.subject).toContain(`CN=SEV-${signingKey.toUpperCase()}`)
    expect(leaf.publicKey.asymmetricKeyDetails).toMatchObject({ namedCurve: 'secp384r1' })
    expect(issuer?.publicKey.asymmetricKeyType).toBe('rsa')
    expect(issuer !== undefined && leaf.verify(issuer.publicKey)).toBe(true)
    expect(root !== undefined && issuer?.verify(root.publicKey)).toBe(true)
    expect(leaf.ca).toBe(false)
    expect(issuer?.ca).toBe(true)
  })
})
