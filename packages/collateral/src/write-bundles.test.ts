import { expect, test } from 'vitest'
import { unwrap, utf8 } from '@tacit/base'
import { parseBundle, parseNvidiaBundle, parseSnpBundle } from '@tacit/attestation'
import { createDevAmd, createDevGpuPlatform, createDevPlatform } from '@tacit/platform-dev'
import { writeSnpBundle } from './amd/write-snp-bundle.ts'
import { writeBundle } from './intel/write-bundle.ts'
import { writeNvidiaBundle } from './nvidia/write-nvidia-bundle.ts'

const seed = new Uint8Array(32).fill(7)
const now = 1_780_000_000
const common = { name: undefined, verifyAt: now }

test("a quote's bundle reads back as it was", () => {
  const platform = createDevPlatform({ seed, now })
  const collateral = platform.collateral()
  const td = platform.launchTd({ image: new Uint8Array(48), role: 'x' })
  const quote = td.quote(new Uint8Array(64))
  const text = writeBundle({ quote, collateral, verifyAt: now })
  expect(unwrap(parseBundle(utf8(text)))).toEqual({
    ...common,
    quote: { type: 'bytes', bytes: quote },
    collateral,
    expected: undefined,
  })
})

test.each(['vcek', 'vlek'] as const)("a report's bundle under a %s does", (signingKey) => {
  const platform = createDevAmd({ seed, now })
  const guest = platform.launchGuest({ measurement: new Uint8Array(48), signingKey })
  const report = guest.report(new Uint8Array(64))
  const collateral = platform.collateral({ signingKey })
  const bundle = { ...common, report, collateral, expected: undefined }
  const text = writeSnpBundle({ report, signingKey, collateral, verifyAt: now })
  expect(unwrap(parseSnpBundle(utf8(text)))).toEqual(bundle)
  const bare = { ...collateral, chain: undefined, crl: undefined }
  const short = writeSnpBundle({ report, signingKey, collateral: bare, verifyAt: now })
  expect(unwrap(parseSnpBundle(utf8(short)))).toEqual({ ...bundle, collateral: bare })
})

test("devices' bundle does, with what they share written once", () => {
  const platform = createDevGpuPlatform({ seed, now })
  const nonce = new Uint8Array(32).fill(1)
  const [first, second] = [platform.launch(), platform.launch({ slot: 1 })]
  const devices = [
    { report: first.report(nonce), chain: first.chain, architecture: 'HOPPER' },
    { report: second.report(nonce), chain: second.chain },
  ]
  const collateral = [first, second].map((one) => ({ rims: one.rims(), ocsp: one.ocspAll() }))
  const text = writeNvidiaBundle({ evidence: { nonce, devices }, collateral, verifyAt: now })
  const bundle = unwrap(parseNvidiaBundle(utf8(text)))
  expect(bundle).toMatchObject({ ...common, nonce, devices, rims: first.rims() })
  const all = [...first.ocspAll(), ...second.ocspAll()].map((one) =>
    Buffer.from(one).toString('hex'),
  )
  expect(bundle.ocsp.map((one) => Buffer.from(one).toString('hex'))).toEqual([...new Set(all)])
})
