import { createPublicKey, verify, type KeyObject } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { bytesToHex } from '@tacit/base'
import type { SignatureCheck } from '@tacit/crypto'
import { native } from '@tacit/crypto/native'
import { assessDcap, createCollateralCache, decideDcap, type DcapInput } from '@tacit/attestation'
import { loadBundles } from '../packages/attestation/src/testing/kit.ts'
import { benchChromium } from './attestation-chromium.ts'
import { interleave, type Contender } from './interleave.ts'
import { importPeer, installPeers, requirePeer } from './peers.ts'
import type { BenchResult } from './result.ts'

/**
 * Verification of the same evidence by us, by other verifiers, and the bare signature checks that
 * it cannot do without (`floor`: node:crypto with keys that were imported before). Cold: nothing
 * about the evidence was seen before, certificates are parsed, every signature is checked; only
 * public keys are remembered, in the floor too.
 */
export async function benchAttestation(): Promise<BenchResult> {
  const folder = installPeers('attestation')
  const peers = await loadDcapPeers(folder)
  const tdx = bundle('tdx-v4-phala')
  const sgx = bundle('sgx-v3-phala')
  return {
    bench: 'attestation',
    cases: [
      await interleave('tdx-v4-cold', ours(tdx), { floor: floor(tdx), ...peers(tdx) }),
      await interleave('tdx-v4-warm', warm(tdx), { floor: floor(tdx, 3), ...peers(tdx) }),
      await interleave('sgx-v3-cold', ours(sgx), { floor: floor(sgx), ...peers(sgx) }),
      await benchChromium(folder, tdx),
    ],
  }
}

function bundle(name: string): DcapInput {
  const found = loadBundles().find((one) => one.name === name)
  if (found === undefined) throw new Error(`${name} is not there: run "npm run vectors" once`)
  return found.input
}

function ours(input: DcapInput): Contender {
  return () => accept(decideDcap(input, (check) => native.verify(check)))
}

/** Collateral that was verified before: parsed and checked once, remembered by its hash. */
function warm(input: DcapInput): Contender {
  const cache = createCollateralCache(4)
  return () => accept(cache.decide(input, (check) => native.verify(check)))
}

/** The signatures of the evidence alone; the last ones are the quote's own. */
function floor(input: DcapInput, last: number = Infinity): Contender {
  const assessed = assessDcap(input)
  if (!assessed.ok) throw new Error(assessed.error.code)
  const prepared = assessed.value.checks
    .slice(-last)
    .map((check) => ({ check, key: importKey(check) }))
  return () => {
    for (const { check, key } of prepared) {
      const options = { key, dsaEncoding: 'ieee-p1363' } as const
      if (!verify('sha256', check.message, options, check.signature)) throw new Error('floor')
    }
  }
}

function importKey({ publicKey }: SignatureCheck): KeyObject {
  const [x, y] = [publicKey.subarray(0, 32), publicKey.subarray(32)]
  const coordinate = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64url')
  const jwk = { kty: 'EC', crv: 'P-256', x: coordinate(x), y: coordinate(y) }
  return createPublicKey({ key: jwk, format: 'jwk' })
}

type DcapPeers = (input: DcapInput) => Record<'dcap-qvl' | 'dcap-qvl-wasm', Contender>

async function loadDcapPeers(folder: string): Promise<DcapPeers> {
  const qvl = requirePeer<{
    verify(quote: Buffer, collateral: object, now: number): { status: string }
  }>(folder, '@phala/dcap-qvl')
  const web = await importPeer<{
    initSync(options: { module: Uint8Array }): void
    js_verify(quote: Uint8Array, collateral: object, now: bigint): unknown
  }>(folder, '@phala/dcap-qvl-web/dcap-qvl-web.js')
  const wasm = join(folder, 'node_modules/@phala/dcap-qvl-web/dcap-qvl-web_bg.wasm')
  web.initSync({ module: readFileSync(wasm) })
  return (input) => {
    const { quote, now } = input
    const collateral = toQuoteCollateral(input)
    return {
      'dcap-qvl': () => qvl.verify(Buffer.from(quote), collateral, now),
      'dcap-qvl-wasm': () => web.js_verify(quote, collateral, BigInt(now)),
    }
  }
}

/** The field names and encodings of dcap-qvl's QuoteCollateralV3. */
function toQuoteCollateral({ collateral }: DcapInput): object {
  const text = (bytes: Uint8Array): string => new TextDecoder().decode(bytes)
  return {
    pck_crl_issuer_chain: text(collateral.pckCrlIssuerChain),
    root_ca_crl: bytesToHex(collateral.rootCaCrl),
    pck_crl: bytesToHex(collateral.pckCrl),
    tcb_info_issuer_chain: text(collateral.tcbInfoIssuerChain),
    tcb_info: text(collateral.tcbInfo),
    tcb_info_signature: bytesToHex(collateral.tcbInfoSignature),
    qe_identity_issuer_chain: text(collateral.qeIdentityIssuerChain),
    qe_identity: text(collateral.qeIdentity),
    qe_identity_signature: bytesToHex(collateral.qeIdentitySignature),
  }
}

function accept(result: { readonly ok: boolean }): void {
  if (!result.ok) throw new Error('the evidence was refused')
}
