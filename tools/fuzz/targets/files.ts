import { bytesToHex, concatBytes, err, unwrap, utf8, type Result } from '@tacit/base'
import type { SignatureCheck } from '@tacit/crypto'
import { native } from '@tacit/crypto/native'
import { encodePem, parsePemCertificates } from '@tacit/crypto/x509'
import { createDevNras } from '@tacit/platform-dev'
import { decide } from '../../../packages/attestation/src/assessment.ts'
import { INTEL_SGX_ROOT_CA } from '../../../packages/attestation/src/dcap/roots.ts'
import {
  assembleEvidence,
  type EvidenceSet,
} from '../../../packages/attestation/src/files/evidence-set.ts'
import {
  readFileContent,
  type EvidenceFile,
} from '../../../packages/attestation/src/files/file-content.ts'
import { explainEvidenceError } from '../../../packages/attestation/src/files/explain-error.ts'
import {
  explainFindings,
  findingsToJson,
} from '../../../packages/attestation/src/files/findings.ts'
import {
  assessEvidence,
  type CodedError,
  type EvidenceContext,
  type Findings,
} from '../../../packages/attestation/src/files/verify-evidence.ts'
import {
  ARK,
  ASK,
  VCEK,
  writeCertificateTable,
} from '../../../packages/attestation/src/testing/certificate-table-writer.ts'
import {
  evidenceFolder,
  NOW,
  readListedFile,
} from '../../../packages/attestation/src/testing/kit.ts'
import { GPU_NONCE, launched } from '../../../packages/attestation/src/testing/nvidia-kit.ts'
import { amdOf, MEASUREMENT, snp } from '../../../packages/attestation/src/testing/snp-kit.ts'
import { readEvidence, readEvidenceList } from '../../../vectors/evidence.ts'
import type { FuzzTarget, Parts } from '../target.ts'

const NOTHING = new Uint8Array()

/** Files as a person gives them, of every vendor: told apart, put together, verified, explained. */
export function fileTargets(): readonly FuzzTarget[] {
  return [...snpFiles(), ...deviceFiles(), nrasFiles(), ...quoteFiles()]
}

function filesTarget(
  name: string,
  parts: Parts,
  roots: EvidenceContext['roots'],
  changes: Partial<EvidenceContext> & Pick<FuzzTarget, 'weight'> = {},
): FuzzTarget {
  const { weight = 4, ...rest } = changes
  const context = { roots, now: NOW, hashes: native.hashes, ...rest }
  const unchanged = unwrap(assembleEvidence(listFiles(parts)))
  const types = typesOf(parts)
  return {
    name: `files-${name}`,
    parts,
    weight,
    run: (given, verify) => {
      const set = assembleEvidence(listFiles(given))
      const result = set.ok ? verifySet(set.value, context, verify) : set
      if (!result.ok) {
        explainEvidenceError(result.error)
        return result
      }
      explainFindings(result.value)
      findingsToJson(result.value)
      // A file that became one of another target's is other evidence, and as genuine.
      if (typesOf(given) !== types) return err({ code: 'evidence_other' })
      const unasked = findUnasked(result.value, unchanged)
      return unasked === undefined ? result : err({ code: unasked })
    },
  }
}

function listFiles(parts: Parts): readonly EvidenceFile[] {
  return Object.entries(parts).map(([name, bytes]) => ({ name, bytes }))
}

function typesOf(parts: Parts): string {
  const contents = listFiles(parts).map(readFileContent)
  return contents.map((content) => (content.ok ? content.value.type : 'none')).join()
}

function verifySet(
  set: EvidenceSet,
  context: EvidenceContext,
  verify: (check: SignatureCheck) => boolean,
): Result<Findings, CodedError> {
  const assessment = assessEvidence(set, context)
  return assessment.ok ? decide(assessment.value, verify) : assessment
}

/** What nobody is bound to give may be about something else: then the findings say so. */
function findUnasked(findings: Findings, unchanged: EvidenceSet): string | undefined {
  if (findings.type === 'platform' && findings.verdict.tee === 'sev-snp') {
    return findings.verdict.revocationKnownUntil === undefined ? 'crl_passed_over' : undefined
  }
  if (unchanged.type !== 'nvidia' || findings.type !== 'devices') return undefined
  if (findings.verdict.kind === 'set') return undefined
  const { rims, revocation } = findings.verdict
  const { collateral } = unchanged
  if (collateral.rims.length > 0 && rims.vbios.status === 'absent') return 'rim_passed_over'
  const isRevocationOpen =
    collateral.ocsp.length > 0 && revocation.unknown.some((role) => !role.startsWith('rim_'))
  return isRevocationOpen ? 'ocsp_passed_over' : undefined
}

function snpFiles(): readonly FuzzTarget[] {
  const { report, collateral, roots } = snp()
  const { endorsement, chain = NOTHING, crl = NOTHING } = collateral
  const [ask = NOTHING, ark = NOTHING] = unwrap(parsePemCertificates(chain, 2))
  const certificates = concatBytes(encodePem([endorsement]), chain)
  const table = writeCertificateTable([ARK, ark], [ASK, ask], [VCEK, endorsement])
  const hcl = amdOf().launchGuest({ measurement: MEASUREMENT }).hclReport()
  return [
    filesTarget('snp', { report, certificates, crl }, roots),
    filesTarget('azure', { hcl, certificates, crl }, roots),
    filesTarget('snp-table', { report, table, crl }, roots),
  ]
}

function deviceFiles(): readonly FuzzTarget[] {
  const { device, input } = launched()
  const { report, chain, roots } = input
  const rim = device.rims().at(-1) ?? NOTHING
  const text = (bytes: Uint8Array): string => new TextDecoder().decode(bytes)
  const bundle = JSON.stringify({
    nonce: bytesToHex(GPU_NONCE),
    devices: [{ arch: 'HOPPER', report: bytesToHex(report), chain: text(chain) }],
    rims: [text(rim)],
    ocsp: device.ocspAll().map(bytesToHex),
  })
  return [
    filesTarget('gpu-bundle', { bundle: utf8(bundle) }, roots, { nonce: GPU_NONCE, weight: 1 }),
    filesTarget('gpu', { report, chain }, roots, { nonce: GPU_NONCE }),
    filesTarget('gpu-rim', { report, chain, rim }, roots, { nonce: GPU_NONCE, weight: 1 }),
  ]
}

function nrasFiles(): FuzzTarget {
  const service = createDevNras(new Uint8Array(32).fill(7))
  const result = service.attest({ nonce: GPU_NONCE, now: NOW, devices: { 'GPU-0': {} } })
  return filesTarget('nras', { result, jwks: service.jwks() }, [], { nonce: GPU_NONCE })
}

/** A real bundle and the quote that it names. */
function quoteFiles(): readonly FuzzTarget[] {
  const folder = evidenceFolder
  const listed = readEvidenceList().bundles.find(({ path }) => path.endsWith('/tdx-v4-dstack.json'))
  if (folder === undefined || listed === undefined) return []
  const bundle = readEvidence(folder, listed)
  const quote = readListedFile(folder, listed.quote)
  const now = Date.parse(listed.verifyAt) / 1000
  return [filesTarget('dcap', { quote, bundle }, [INTEL_SGX_ROOT_CA], { now })]
}
