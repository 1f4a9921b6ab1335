import { equalBytes, err, ok, type Result } from '@tacit/base'
import { encodePem, parseCertificate, type Certificate } from '@tacit/crypto/x509'
import type { AzureEvidence } from '../azure/evidence.ts'
import type { HclReport } from '../azure/hcl-report.ts'
import type { DcapCollateral } from '../dcap/collateral.ts'
import type { DstackReport } from '../event-log/dstack-report.ts'
import type { LoggedEvent } from '../event-log/event.ts'
import type { DeviceEvidence, NvidiaCollateral } from '../nvidia/verify.ts'
import type { SnpCollateral } from '../sev-snp/collateral.ts'
import { AMD_ROOTS } from '../sev-snp/roots.ts'
import type { EvidenceFileError } from './errors.ts'
import { readFileContent, type EvidenceFile } from './file-content.ts'
import { findContent, findFileProblem, type Contents, type NamedContent } from './file-problems.ts'

/** Evidence that files come to, with everything that was given to verify it. */
export type EvidenceSet = {
  /** When whoever recorded it says that it held. Unix seconds. */
  readonly recordedAt: number | undefined
} & (
  | {
      readonly type: 'dcap'
      readonly quote: Uint8Array
      readonly collateral: DcapCollateral
      /** PEM text; undefined where the quote has its own. */
      readonly pckChain: Uint8Array | undefined
      /** dstack's answer that the quote came in. */
      readonly dstack: DstackReport | undefined
      /** A firmware's log. */
      readonly log: readonly LoggedEvent[] | undefined
    }
  | { readonly type: 'snp'; readonly report: Uint8Array; readonly collateral: SnpCollateral }
  | {
      readonly type: 'azure_snp'
      readonly evidence: Extract<AzureEvidence, { tee: 'sev-snp' }>
      readonly collateral: Omit<SnpCollateral, 'endorsement'>
    }
  | {
      readonly type: 'azure_tdx'
      readonly evidence: Extract<AzureEvidence, { tee: 'tdx' }>
      readonly collateral: DcapCollateral
    }
  | {
      readonly type: 'nvidia'
      readonly devices: readonly DeviceEvidence[]
      readonly collateral: NvidiaCollateral
      /** That the devices say they were asked with; undefined where only the reports name it. */
      readonly nonce: Uint8Array | undefined
    }
  | { readonly type: 'nras'; readonly result: Uint8Array; readonly jwks: Uint8Array }
  /** Manifests without a device to compare with. */
  | { readonly type: 'rim'; readonly rim: Uint8Array }
)

type Assembled = Result<EvidenceSet, EvidenceFileError>

/**
 * Puts files together: evidence, what vouches for it, logs. Each may be alone in its file or in a
 * bundle; of evidence there is one kind, certificates may be many. A file that nothing would read is
 * refused: whoever gives it wants it to count.
 */
export function assembleEvidence(files: readonly EvidenceFile[]): Assembled {
  const contents: NamedContent[] = []
  for (const file of files) {
    const content = readFileContent(file)
    if (!content.ok) return content
    contents.push({ ...content.value, file: file.name })
  }
  const problem = findFileProblem(contents)
  if (problem !== undefined) return err(problem)
  return (
    assembleDcap(contents) ??
    assembleSnp(contents) ??
    assembleAzure(contents) ??
    assembleNras(contents) ??
    assembleNvidia(contents) ??
    err({ code: 'evidence_missing' })
  )
}

function assembleDcap(contents: Contents): Assembled | undefined {
  const bundle = findContent(contents, 'dcap_bundle')?.bundle
  const dstack = findContent(contents, 'dstack_report')?.report
  const bundled = bundle?.quote.type === 'bytes' ? bundle.quote.bytes : undefined
  const quote = bundled ?? dstack?.quote ?? findContent(contents, 'quote')?.quote
  if (quote === undefined) {
    if (bundle?.quote.type !== 'path') return undefined
    return err({ code: 'quote_missing', path: bundle.quote.path })
  }
  const collateral = bundle?.collateral ?? findContent(contents, 'dcap_collateral')?.collateral
  if (collateral === undefined) return err({ code: 'collateral_missing' })
  return ok({
    type: 'dcap',
    quote,
    collateral,
    pckChain: findContent(contents, 'certificates') && encodePem(certificatesOf(contents)),
    dstack,
    log: findContent(contents, 'event_log')?.log,
    recordedAt: bundle?.verifyAt,
  })
}

function assembleSnp(contents: Contents): Assembled | undefined {
  const bundle = findContent(contents, 'snp_bundle')?.bundle
  if (bundle !== undefined) {
    const { report, collateral: bundled, verifyAt: recordedAt } = bundle
    const collateral = { ...bundled, crl: bundled.crl ?? findContent(contents, 'crl')?.crl }
    return ok({ type: 'snp', report, collateral, recordedAt })
  }
  const hcl = findContent(contents, 'hcl_report')?.hcl
  const report = findContent(contents, 'snp_report')?.report
  if (report === undefined && hcl?.tee !== 'sev-snp') return undefined
  const { endorsement, chain, crl } = amdCollateral(contents)
  if (endorsement === undefined) return err({ code: 'endorsement_missing' })
  if (report !== undefined) {
    const collateral = { endorsement, chain, crl }
    return ok({ type: 'snp', report, collateral, recordedAt: undefined })
  }
  return hcl && azureSnp(hcl, endorsement, { chain, crl })
}

function azureSnp(
  hcl: HclReport,
  endorsement: Uint8Array,
  collateral: Omit<SnpCollateral, 'endorsement'>,
): Assembled {
  const evidence = { tee: 'sev-snp', hcl, endorsement } as const
  return ok({ type: 'azure_snp', evidence, collateral, recordedAt: undefined })
}

function assembleAzure(contents: Contents): Assembled | undefined {
  const evidence = findContent(contents, 'azure_evidence')?.evidence
  if (evidence === undefined) return undefined
  if (evidence.tee === 'sev-snp') {
    const { chain, crl } = amdCollateral(contents)
    return azureSnp(evidence.hcl, evidence.endorsement, { chain, crl })
  }
  const collateral = findContent(contents, 'dcap_collateral')?.collateral
  if (collateral === undefined) return err({ code: 'collateral_missing' })
  return ok({ type: 'azure_tdx', evidence, collateral, recordedAt: undefined })
}

function assembleNras(contents: Contents): Assembled | undefined {
  const result = findContent(contents, 'nras_result')?.result
  if (result === undefined) return undefined
  const jwks = findContent(contents, 'key_set')?.jwks
  return jwks === undefined
    ? err({ code: 'key_set_missing' })
    : ok({ type: 'nras', result, jwks, recordedAt: undefined })
}

function assembleNvidia(contents: Contents): Assembled | undefined {
  const rims = contents.flatMap((one) => (one.type === 'rim' ? [one.rim] : []))
  const ocsp = contents.flatMap((one) => (one.type === 'ocsp' ? [one.response] : []))
  const bundle = findContent(contents, 'nvidia_bundle')?.bundle
  const evidence = bundle ?? findContent(contents, 'nvidia_evidence')?.evidence
  if (evidence !== undefined) {
    const collateral = {
      rims: [...(bundle?.rims ?? []), ...rims],
      ocsp: [...(bundle?.ocsp ?? []), ...ocsp],
    }
    const { devices, nonce } = evidence
    return ok({ type: 'nvidia', devices, collateral, nonce, recordedAt: bundle?.verifyAt })
  }
  const report = findContent(contents, 'nvidia_report')?.report
  if (report !== undefined) {
    const chain = encodePem(certificatesOf(contents))
    if (chain.length === 0) return err({ code: 'device_chain_missing' })
    const devices = [{ report, chain }]
    const collateral = { rims, ocsp }
    return ok({ type: 'nvidia', devices, collateral, nonce: undefined, recordedAt: undefined })
  }
  const [rim] = rims
  return rim && ok({ type: 'rim', rim, recordedAt: undefined })
}

function certificatesOf(contents: Contents): readonly Uint8Array[] {
  return contents.flatMap((one) => (one.type === 'certificates' ? one.certificates : []))
}

/** The key that signs reports, its intermediate, the root: in whatever order they were given. */
function amdCollateral(
  contents: Contents,
): Omit<SnpCollateral, 'endorsement'> & { readonly endorsement: Uint8Array | undefined } {
  const certificates = parseAll(certificatesOf(contents))
  const intermediate = certificates.find((one) => one.isCa && !isSelfIssued(one))
  const issuer = intermediate && findIssuer(intermediate, certificates)
  const chain = intermediate && issuer && encodePem([intermediate.der, issuer.der])
  const endorsement = certificates.find(({ isCa }) => !isCa)?.der
  return { endorsement, chain, crl: findContent(contents, 'crl')?.crl }
}

/** AMD's roots often stay at home: those that are known here are added. */
function findIssuer(
  { issuer }: Certificate,
  given: readonly Certificate[],
): Certificate | undefined {
  const known = parseAll(AMD_ROOTS.map(({ certificate }) => certificate))
  return [...given, ...known].find(
    (one) => isSelfIssued(one) && equalBytes(one.subject.der, issuer.der),
  )
}

function isSelfIssued({ subject, issuer }: Certificate): boolean {
  return equalBytes(subject.der, issuer.der)
}

function parseAll(ders: readonly Uint8Array[]): readonly Certificate[] {
  return ders.flatMap((der) => {
    const certificate = parseCertificate(der)
    return certificate.ok ? [certificate.value] : []
  })
}
