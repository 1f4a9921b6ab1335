import { concatBytes, parseHex, unwrap, utf8 } from '@tacit/base'
import { parsePemCertificates } from '@tacit/crypto/x509'
import { readEvidenceList, type SnpSample } from '../../../../vectors/evidence.ts'
import { parseAzureEvidence } from '../azure/evidence.ts'
import { parseHclReport } from '../azure/hcl-report.ts'
import { AMD_ROOTS } from '../sev-snp/roots.ts'
import type { SnpInput } from '../sev-snp/verify.ts'
import { evidenceFolder, readListedFile } from './kit.ts'

export interface RealSnp extends SnpSample {
  readonly input: SnpInput
}

/** All listed reports with AMD's roots; none without evidence. */
export function loadSnpSamples(): readonly RealSnp[] {
  if (evidenceFolder === undefined) return []
  return readEvidenceList().snp_reports.map((sample) => ({ ...sample, input: inputOf(sample) }))
}

/** A listed report by its name. */
export function snpSample(name: string): RealSnp {
  const found = loadSnpSamples().find((sample) => sample.name === name)
  if (found === undefined) throw new Error(`not listed in vectors/evidence.json: ${name}`)
  return found
}

function inputOf(sample: SnpSample): SnpInput {
  const { report, endorsement } = readSample(sample)
  return {
    report,
    collateral: { endorsement, chain: chainOf(sample), crl: undefined },
    roots: AMD_ROOTS,
    now: Date.parse(sample.verify_at) / 1000,
  }
}

function readSample({ as, evidence, endorsement = '' }: SnpSample) {
  const bytes = read(evidence)
  if (as === 'azure') {
    const azure = unwrap(parseAzureEvidence(bytes))
    if (azure.tee !== 'sev-snp') throw new Error(`no SEV-SNP evidence: ${evidence}`)
    return { report: azure.hcl.report, endorsement: azure.endorsement }
  }
  const reports = {
    report: () => bytes,
    hex: () => unwrap(parseHex(new TextDecoder().decode(bytes))),
    hcl: () => unwrap(parseHclReport(bytes)).report,
  }
  return { report: reports[as](), endorsement: derOf(read(endorsement)) }
}

/** The file's ASK and the ARK whose name it is issued under. */
function chainOf({ chain, expected }: SnpSample): Uint8Array | undefined {
  if (chain === undefined) return undefined
  const root = AMD_ROOTS.find(({ name }) => name.endsWith(String(expected['family'])))
  if (root === undefined) throw new Error(`no root: ${chain}`)
  const base64 = Buffer.from(root.certificate).toString('base64')
  const pem = `-----BEGIN CERTIFICATE-----\n${base64}\n-----END CERTIFICATE-----\n`
  return concatBytes(read(chain), utf8(`\n${pem}`))
}

function derOf(file: Uint8Array): Uint8Array {
  const pem = parsePemCertificates(file, 8)
  return pem.ok ? (pem.value[0] ?? file) : file
}

function read(path: string): Uint8Array {
  return readListedFile(evidenceFolder ?? '', path)
}
