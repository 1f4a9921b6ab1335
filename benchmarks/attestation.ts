import { native } from '@tacit/crypto/native'
import {
  assessDcap,
  assessNvidia,
  assessSnp,
  createCollateralCache,
  decideDcap,
  decideNvidia,
  decideSnp,
  type DcapInput,
} from '@tacit/attestation'
import type { Result } from '@tacit/base'
import type { SignatureCheck } from '@tacit/crypto'
import { loadBundles } from '../packages/attestation/src/testing/kit.ts'
import { nvidiaSample } from '../packages/attestation/src/testing/nvidia-samples.ts'
import { snpSample } from '../packages/attestation/src/testing/snp-samples.ts'
import { benchChromium } from './attestation-chromium.ts'
import { createDerFloor, createFloor } from './attestation-floor.ts'
import { loadDcapPeers, loadTinfoil } from './attestation-peers.ts'
import { interleave, type Contender } from './interleave.ts'
import { installPeers } from './peers.ts'
import type { BenchCase, BenchResult } from './result.ts'

/**
 * Verification of the same evidence by us, by other verifiers, and the bare signature checks that
 * it cannot do without (`floor`: node:crypto with keys that were imported before). Cold: nothing
 * about the evidence was seen before, certificates are parsed, every signature is checked; only
 * public keys are remembered, in the floor too.
 */
export async function benchAttestation(): Promise<BenchResult> {
  const folder = installPeers('attestation')
  const tdx = bundle('tdx-v4-phala')
  return {
    bench: 'attestation',
    cases: [
      ...(await benchDcap(folder, tdx)),
      await benchSnp(folder),
      await benchNvidia(),
      await benchChromium(folder, tdx),
    ],
  }
}

async function benchDcap(folder: string, tdx: DcapInput): Promise<readonly BenchCase[]> {
  const peers = await loadDcapPeers(folder)
  const sgx = bundle('sgx-v3-phala')
  const [all, own] = [dcapChecks(tdx), dcapChecks(tdx).slice(-QUOTE_CHECKS)]
  return [
    await interleave('tdx-v4-cold', cold(tdx), { ...floors(all), ...peers(tdx) }),
    await interleave('tdx-v4-warm', warm(tdx), { ...floors(own), ...peers(tdx) }),
    await interleave('sgx-v3-cold', cold(sgx), { ...floors(dcapChecks(sgx)), ...peers(sgx) }),
  ]
}

/** A report from Azure's Genoa machines; AMD's ASK comes along, its list of revoked ones does not. */
async function benchSnp(folder: string): Promise<BenchCase> {
  const { input } = snpSample('genoa-v3-azure')
  const tinfoil = await loadTinfoil(folder)
  return interleave('snp', () => accept(decideSnp(input, verify)), {
    ...floors(checksOf(assessSnp(input))),
    tinfoil: tinfoil(input),
  })
}

/** A Hopper GPU's report with its chain, no manifest and no OCSP response. */
function benchNvidia(): Promise<BenchCase> {
  const input = nvidiaSample('nvsdk__hopperAttestationReport.txt')
  return interleave('nvidia', () => accept(decideNvidia(input, verify)), {
    ...floors(checksOf(assessNvidia(input))),
  })
}

/** The signatures that remain of a quote where its collateral was verified before; the last ones. */
const QUOTE_CHECKS = 3

function floors(checks: readonly SignatureCheck[]): Readonly<Record<string, Contender>> {
  return { floor: createFloor(checks), 'floor-der': createDerFloor(checks) }
}

function bundle(name: string): DcapInput {
  const found = loadBundles().find((one) => one.name === name)
  if (found === undefined) throw new Error(`${name} is not there: run "npm run vectors" once`)
  return found.input
}

function cold(input: DcapInput): Contender {
  return () => accept(decideDcap(input, verify))
}

/** Collateral that was verified before: parsed and checked once, remembered by its hash. */
function warm(input: DcapInput): Contender {
  const cache = createCollateralCache(4)
  return () => accept(cache.decide(input, verify))
}

function dcapChecks(input: DcapInput): readonly SignatureCheck[] {
  return checksOf(assessDcap(input))
}

function checksOf(
  assessed: Result<{ readonly checks: readonly SignatureCheck[] }, { readonly code: string }>,
): readonly SignatureCheck[] {
  if (!assessed.ok) throw new Error(assessed.error.code)
  return assessed.value.checks
}

function verify(check: SignatureCheck): boolean {
  return native.verify(check)
}

function accept(result: { readonly ok: boolean }): void {
  if (!result.ok) throw new Error('the evidence was refused')
}
