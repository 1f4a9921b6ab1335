import { err, ok, type Result } from '@tacit/base'
import {
  AMD_ROOTS,
  INTEL_SGX_ROOT_CA,
  NVIDIA_ROOTS,
  parseNvidiaEvidence,
  parseSnpReport,
  type NvidiaCollateral,
  type NvidiaEvidence,
  type SnpFamily,
  type TrustedRoot,
  type Vendor,
} from '@tacit/attestation'
import {
  AMD_KDS,
  createAmdSource,
  createIntelSource,
  createNvidiaSource,
  INTEL_PCS,
  NVIDIA_OCSP,
  NVIDIA_RIM,
  writeBundle,
  writeNvidiaBundle,
  writeSnpBundle,
  type Http,
  type Obtain,
} from '@tacit/collateral'
import { native } from '@tacit/crypto/native'

/** What a file of evidence is. */
export type FetchKind =
  | { readonly vendor: 'intel'; readonly quote: Uint8Array }
  | { readonly vendor: 'amd'; readonly report: Uint8Array }
  | { readonly vendor: 'nvidia'; readonly evidence: NvidiaEvidence }

export interface FetchParts {
  readonly http: Http
  readonly obtain: Obtain
  /** In place of the vendor's own; none where not given. */
  readonly roots: readonly TrustedRoot[]
  /** Unix seconds. */
  readonly now: () => number
  readonly services: Partial<Readonly<Record<'pcs' | 'kds' | 'rim' | 'ocsp', string>>>
  /** For SEV-SNP reports of version 2. */
  readonly family: SnpFamily | undefined
  /** VCEK or VLEK, DER, that the host gave. */
  readonly endorsement: Uint8Array | undefined
}

/** Evidence with its collateral, as a bundle's text. */
export interface FetchedBundle {
  readonly bundle: string
  /** The first end of all validity. Unix seconds. */
  readonly earliestExpiry: number
  /** What else is worth a line. */
  readonly facts: Readonly<Record<string, string | number>>
}

type Fetched = Promise<Result<FetchedBundle, { readonly code: string }>>

/** Tells evidence apart by its form; what is no report or list of devices counts as a quote. */
export function kindOf(bytes: Uint8Array): FetchKind {
  if (parseSnpReport(bytes).ok) return { vendor: 'amd', report: bytes }
  const evidence = parseNvidiaEvidence(bytes)
  return evidence.ok
    ? { vendor: 'nvidia', evidence: evidence.value }
    : { vendor: 'intel', quote: bytes }
}

/** Fetches and verifies what the evidence needs from its vendor. */
export function fetchFor(kind: FetchKind, parts: FetchParts): Fetched {
  switch (kind.vendor) {
    case 'intel':
      return fetchDcap(kind.quote, parts)
    case 'amd':
      return fetchSnp(kind.report, parts)
    case 'nvidia':
      return fetchDevices(kind.evidence, parts)
  }
}

async function fetchDcap(quote: Uint8Array, parts: FetchParts): Fetched {
  const baseUrl = parts.services.pcs ?? INTEL_PCS
  const source = createIntelSource({ ...common(parts, 'intel'), baseUrl })
  const found = await source.forQuote(quote)
  if (!found.ok) return found
  const { from, value } = found.value
  const { collateral, verdict } = value
  return ok({
    bundle: writeBundle({ quote, collateral, verifyAt: parts.now() }),
    earliestExpiry: verdict.earliestExpiry,
    facts: { from, tcbEvaluationDataNumber: verdict.tcbEvaluationDataNumber },
  })
}

async function fetchSnp(report: Uint8Array, parts: FetchParts): Fetched {
  const { family, endorsement } = parts
  const baseUrl = parts.services.kds ?? AMD_KDS
  const source = createAmdSource({ ...common(parts, 'amd'), baseUrl })
  const found = await source.forReport({
    report,
    ...(family === undefined ? {} : { family }),
    ...(endorsement === undefined ? {} : { endorsement }),
  })
  if (!found.ok) return found
  const { from, value } = found.value
  const { collateral, verdict } = value
  const { signingKey } = verdict
  return ok({
    bundle: writeSnpBundle({ report, signingKey, collateral, verifyAt: parts.now() }),
    earliestExpiry: verdict.earliestExpiry,
    facts: { from, family: verdict.family, signingKey },
  })
}

async function fetchDevices(evidence: NvidiaEvidence, parts: FetchParts): Fetched {
  const { rim: rimUrl = NVIDIA_RIM, ocsp: ocspUrl = NVIDIA_OCSP } = parts.services
  const services = { rimUrl, ocspUrl, hashes: native.hashes }
  const source = createNvidiaSource({ ...common(parts, 'nvidia'), ...services })
  const collateral: NvidiaCollateral[] = []
  let earliestExpiry = Number.POSITIVE_INFINITY
  for (const [device, { report, chain }] of evidence.devices.entries()) {
    const found = await source.forDevice({ report, chain })
    if (!found.ok) return err({ ...found.error, device })
    collateral.push(found.value.collateral)
    earliestExpiry = Math.min(earliestExpiry, found.value.verdict.earliestExpiry)
  }
  return ok({
    bundle: writeNvidiaBundle({ evidence, collateral, verifyAt: parts.now() }),
    earliestExpiry,
    facts: { devices: evidence.devices.length },
  })
}

const ROOTS: Readonly<Record<Vendor, readonly TrustedRoot[]>> = {
  intel: [INTEL_SGX_ROOT_CA],
  amd: AMD_ROOTS,
  nvidia: NVIDIA_ROOTS,
}

function common({ http, obtain, roots, now }: FetchParts, vendor: Vendor) {
  const own = roots.map((root) => ({ ...root, vendor }))
  return {
    http,
    obtain,
    now,
    roots: own.length > 0 ? own : ROOTS[vendor],
    verify: (check: Parameters<typeof native.verify>[0]) => native.verify(check),
  }
}
