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
import { readFileContent, type EvidenceFile, type FileContent } from './file-content.ts'

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

type Named<Type extends FileContent['type']> = Extract<FileContent, { type: Type }> & {
  readonly file: string
}
type Contents = readonly Named<FileContent['type']>[]
type Assembled = Result<EvidenceSet, EvidenceFileError>

/**
 * Puts files together: evidence, what vouches for it, logs. Each may be alone in its file or in a
 * bundle; of evidence there is one kind, certificates may be many.
 */
export function assembleEvidence(files: readonly EvidenceFile[]): Assembled {
  const contents: Named<FileContent['type']>[] = []
  for (const file of files) {
    const content = readFileContent(file)
    if (!content.ok) return content
    contents.push({ ...content.value, file: file.name })
  }
  const conflict = findConflict(contents)
  if (conflict !== undefined) return err(conflict)
  return (
    assembleDcap(contents) ??
    assembleSnp(contents) ??
    assembleAzure(contents) ??
    assembleNras(contents) ??
    assembleNvidia(contents) ??
    err({ code: 'evidence_missing' })
  )
}

/** Kinds of which one says everything; a bundle may stand beside the quote that it names. */
const EVIDENCE: ReadonlySet<FileContent['type']> = new Set([
  'dcap_bundle',
  'dstack_report',
  'quote',
  'snp_bundle',
  'snp_report',
  'hcl_report',
  'azure_evidence',
  'nvidia_bundle',
  'nvidia_evidence',
  'nvidia_report',
  'nras_result',
] as const)
const ONCE: ReadonlySet<FileContent['type']> = new Set([
  'dcap_collateral',
  'event_log',
  'key_set',
  'crl',
] as const)

function findConflict(contents: Contents): EvidenceFileError | undefined {
  const evidence = contents.filter(({ type }) => EVIDENCE.has(type))
  const needsQuote = find(contents, 'dcap_bundle')?.bundle.quote.type === 'path'
  const [, second, third] = evidence
  const extra = needsQuote && find(contents, 'quote') !== undefined ? third : second
  const once = contents.filter(({ type }) => ONCE.has(type))
  const repeated = once.find(({ type }, at) => once.findIndex((one) => one.type === type) < at)
  const wrong = extra ?? repeated ?? findUnreadList(contents)
  return wrong && { code: 'files_conflicting', file: wrong.file, type: wrong.type }
}

/** Evidence whose revocation list comes as a file of its own, if it has none already. */
const LISTED: ReadonlySet<FileContent['type']> = new Set([
  'snp_report',
  'snp_bundle',
  'hcl_report',
  'azure_evidence',
] as const)

/** A list that nothing would read is refused: whoever gives it wants it to count. */
function findUnreadList(contents: Contents): Named<'crl'> | undefined {
  const isListed = contents.some(({ type }) => LISTED.has(type))
  const hasOwn = find(contents, 'snp_bundle')?.bundle.collateral.crl !== undefined
  const isAlone = !contents.some(({ type }) => EVIDENCE.has(type))
  return isAlone || (isListed && !hasOwn) ? undefined : find(contents, 'crl')
}

function find<Type extends FileContent['type']>(
  contents: Contents,
  type: Type,
): Named<Type> | undefined {
  return contents.find((content): content is Named<Type> => content.type === type)
}

function assembleDcap(contents: Contents): Assembled | undefined {
  const bundle = find(contents, 'dcap_bundle')?.bundle
  const dstack = find(contents, 'dstack_report')?.report
  const bundled = bundle?.quote.type === 'bytes' ? bundle.quote.bytes : undefined
  const quote = bundled ?? dstack?.quote ?? find(contents, 'quote')?.quote
  if (quote === undefined) {
    if (bundle?.quote.type !== 'path') return undefined
    return err({ code: 'quote_missing', path: bundle.quote.path })
  }
  const collateral = bundle?.collateral ?? find(contents, 'dcap_collateral')?.collateral
  if (collateral === undefined) return err({ code: 'collateral_missing' })
  return ok({
    type: 'dcap',
    quote,
    collateral,
    pckChain: find(contents, 'certificates') && encodePem(certificatesOf(contents)),
    dstack,
    log: find(contents, 'event_log')?.log,
    recordedAt: bundle?.verifyAt,
  })
}

function assembleSnp(contents: Contents): Assembled | undefined {
  const bundle = find(contents, 'snp_bundle')?.bundle
  if (bundle !== undefined) {
    const { report, collateral: bundled, verifyAt: recordedAt } = bundle
    const collateral = { ...bundled, crl: bundled.crl ?? find(contents, 'crl')?.crl }
    return ok({ type: 'snp', report, collateral, recordedAt })
  }
  const hcl = find(contents, 'hcl_report')?.hcl
  const report = find(contents, 'snp_report')?.report
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
  const evidence = find(contents, 'azure_evidence')?.evidence
  if (evidence === undefined) return undefined
  if (evidence.tee === 'sev-snp') {
    const { chain, crl } = amdCollateral(contents)
    return azureSnp(evidence.hcl, evidence.endorsement, { chain, crl })
  }
  const collateral = find(contents, 'dcap_collateral')?.collateral
  if (collateral === undefined) return err({ code: 'collateral_missing' })
  return ok({ type: 'azure_tdx', evidence, collateral, recordedAt: undefined })
}

function assembleNras(contents: Contents): Assembled | undefined {
  const result = find(contents, 'nras_result')?.result
  if (result === undefined) return undefined
  const jwks = find(contents, 'key_set')?.jwks
  return jwks === undefined
    ? err({ code: 'key_set_missing' })
    : ok({ type: 'nras', result, jwks, recordedAt: undefined })
}

function assembleNvidia(contents: Contents): Assembled | undefined {
  const rims = contents.flatMap((one) => (one.type === 'rim' ? [one.rim] : []))
  const ocsp = contents.flatMap((one) => (one.type === 'ocsp' ? [one.response] : []))
  const bundle = find(contents, 'nvidia_bundle')?.bundle
  const evidence = bundle ?? find(contents, 'nvidia_evidence')?.evidence
  if (evidence !== undefined) {
    const collateral = {
      rims: [...(bundle?.rims ?? []), ...rims],
      ocsp: [...(bundle?.ocsp ?? []), ...ocsp],
    }
    const { devices, nonce } = evidence
    return ok({ type: 'nvidia', devices, collateral, nonce, recordedAt: bundle?.verifyAt })
  }
  const report = find(contents, 'nvidia_report')?.report
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
  return { endorsement, chain, crl: find(contents, 'crl')?.crl }
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
