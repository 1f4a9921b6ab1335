import { err } from '@tacit/base'
import { native } from '@tacit/crypto/native'
import { parseAzureEvidence } from '../../../packages/attestation/src/azure/evidence.ts'
import { decideAzureSnp } from '../../../packages/attestation/src/azure/verify.ts'
import { parseSnpBundle } from '../../../packages/attestation/src/sev-snp/bundle.ts'
import { parseCertificateTable } from '../../../packages/attestation/src/sev-snp/certificate-table.ts'
import { AMD_ROOTS } from '../../../packages/attestation/src/sev-snp/roots.ts'
import { decideSnp, type SnpInput } from '../../../packages/attestation/src/sev-snp/verify.ts'
import { evidenceFolder, readListedFile } from '../../../packages/attestation/src/testing/kit.ts'
import { amdOf, snp } from '../../../packages/attestation/src/testing/snp-kit.ts'
import { loadSnpSamples } from '../../../packages/attestation/src/testing/snp-samples.ts'
import type { FuzzTarget } from '../target.ts'

/** Every genuine real report, synthetic ones with revocation lists, Azure's JSON, bundles. */
export function snpTargets(): readonly FuzzTarget[] {
  const real = loadSnpSamples().filter(({ expected }) => expected['code'] === undefined)
  return [
    ...real.map(({ name, input }) => snpTarget(name, input)),
    snpTarget('synthetic-snp-v5', snp(amdOf(), { reportVersion: 5 })),
    snpTarget('synthetic-snp-vlek', snp(amdOf(), { signingKey: 'vlek' })),
    snpTarget('synthetic-snp-turin', snp(amdOf({ family: 'Turin' }), { reportVersion: 4 })),
    bundleTarget(),
    ...azureTargets(),
  ]
}

function snpTarget(name: string, input: SnpInput): FuzzTarget {
  const { endorsement, chain, crl } = input.collateral
  const optional = Object.entries({ chain, crl }).filter(([, part]) => part !== undefined)
  return {
    name,
    parts: { report: input.report, endorsement, ...Object.fromEntries(optional) },
    run: ({ report = new Uint8Array(), ...collateral }, verify) =>
      decideSnp({ ...input, report, collateral: { ...input.collateral, ...collateral } }, verify),
  }
}

function bundleTarget(): FuzzTarget {
  const { report, collateral, roots, now } = snp()
  const base64 = (bytes: Uint8Array = new Uint8Array()): string =>
    Buffer.from(bytes).toString('base64')
  const text = JSON.stringify({
    report: base64(report),
    vcek: base64(collateral.endorsement),
    chain: new TextDecoder().decode(collateral.chain),
    crl: base64(collateral.crl),
  })
  return {
    name: 'synthetic-snp-bundle',
    parts: { bundle: new TextEncoder().encode(text) },
    run: ({ bundle = new Uint8Array() }, verify) => {
      parseCertificateTable(bundle)
      const parsed = parseSnpBundle(bundle)
      if (!parsed.ok) return parsed
      const { verifyAt: _, ...input } = parsed.value
      // A field of another name is as if it were missing: the verdict says that it was.
      if (input.collateral.crl === undefined) return err({ code: 'crl_passed_over' })
      return decideSnp({ ...input, roots, now }, verify)
    },
  }
}

function azureTargets(): readonly FuzzTarget[] {
  if (evidenceFolder === undefined) return []
  const now = Date.UTC(2025, 11, 1) / 1000
  const rest = { chain: undefined, crl: undefined, roots: AMD_ROOTS, now, hashes: native.hashes }
  return ['genoa', 'v2'].map((name): FuzzTarget => {
    const path = `snp/trustee__az-snp-vtpm__evidence-${name}.json`
    return {
      name: `azure-snp-${name}`,
      parts: { json: readListedFile(evidenceFolder ?? '', path) },
      run: ({ json = new Uint8Array() }, verify) => {
        const evidence = parseAzureEvidence(json)
        if (!evidence.ok) return evidence
        return evidence.value.tee === 'sev-snp'
          ? decideAzureSnp({ ...rest, evidence: evidence.value }, verify)
          : { ok: false, error: { code: 'tee_other' } }
      },
    }
  })
}
