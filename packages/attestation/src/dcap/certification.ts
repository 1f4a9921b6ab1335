import { equalBytes, err, ok, type Result } from '@tacit/base'
import { parsePemCertificates, type Certificate } from '@tacit/crypto/x509'
import { u16At } from './bytes-at.ts'
import type { DcapFormError } from './errors.ts'
import type { PckPlatform } from './pck-extension.ts'

/** How a quote names the PCK that signed its quoting enclave's report. */
export type Certification = PckIdentifier | PckLeaf | PckChain

/** Types 1 to 3: which PCK it is, but not its certificate. */
export interface PckIdentifier {
  readonly type: 1 | 2 | 3
  /** 16 bytes; undefined for types 2 and 3, which encrypt it for Intel. */
  readonly ppid: Uint8Array | undefined
  /** 16 bytes: the CPUSVN that the PCK is for. */
  readonly cpuSvn: Uint8Array
  readonly pceSvn: number
  /** 2 bytes; undefined where the quoting enclave left it out. */
  readonly pceId: Uint8Array | undefined
}

/** Type 4: the PCK's certificate, in DER or PEM, but not who issued it. */
export interface PckLeaf {
  readonly type: 4
  readonly certificate: Uint8Array
}

/** Type 5. */
export interface PckChain {
  readonly type: 5
  /** PEM text: PCK certificate, PCK CA, root. */
  readonly chain: Uint8Array
}

/** What types 1 to 4 carry in place of a chain. */
const CARRIED = {
  1: 'ppid',
  2: 'ppid_rsa2048',
  3: 'ppid_rsa3072',
  4: 'pck_certificate',
} as const

/** Lengths of the PPID by type: in the clear, RSA-2048-OAEP, RSA-3072-OAEP. */
const PPID_BYTES = { 1: 16, 2: 256, 3: 384 } as const

/** Known types that name no PCK: a QE report belongs outside, a platform manifest to registration. */
const OTHER_CONTENT: Readonly<Record<number, 'qe_report' | 'platform_manifest'>> = {
  6: 'qe_report',
  7: 'platform_manifest',
}

/**
 * Reads certification data of the inner kind, types 1 to 5, whose length was checked to close.
 * Source: Intel DCAP ECDSA Quote Library API, appendix A.4, "QE Certification Data";
 * intel/SGXDataCenterAttestationPrimitives, sgx_quote_3.h.
 */
export function parseCertification(
  type: number,
  data: Uint8Array,
): Result<Certification, DcapFormError> {
  if (type === 5) return ok({ type, chain: data })
  if (type === 4) return ok({ type, certificate: data })
  if (type === 1 || type === 2 || type === 3) return parseIdentifier(type, data)
  return certificationUnsupported(type)
}

export function certificationUnsupported(type: number): Result<never, DcapFormError> {
  const content = OTHER_CONTENT[type] ?? 'unknown'
  return err({ code: 'certification_data_unsupported', type, content })
}

/** PPID, CPUSVN, PCESVN and, since Intel's second release, PCEID. */
function parseIdentifier(
  type: PckIdentifier['type'],
  data: Uint8Array,
): Result<PckIdentifier, DcapFormError> {
  const at = PPID_BYTES[type]
  const { length } = data
  if (length !== at + 18 && length !== at + 20) {
    return err({ code: 'certification_data_malformed', type, length })
  }
  return ok({
    type,
    ppid: type === 1 ? data.subarray(0, at) : undefined,
    cpuSvn: data.subarray(at, at + 16),
    pceSvn: u16At(data, at + 16),
    pceId: length === at + 20 ? data.subarray(at + 18) : undefined,
  })
}

/** The chain that the caller supplied, or else the one that the quote carries. */
export function findPckChain(
  certification: Certification,
  supplied: Uint8Array | undefined,
): Result<Uint8Array, DcapFormError> {
  if (supplied !== undefined) return ok(supplied)
  if (certification.type === 5) return ok(certification.chain)
  const { type } = certification
  return err({ code: 'pck_chain_missing', type, carried: CARRIED[type] })
}

/** What a quote says about its PCK and the certificate does not; nothing for type 5. */
export function findPckMismatch(
  certification: Certification,
  pck: Certificate,
  platform: PckPlatform,
): DcapFormError | undefined {
  if (certification.type === 5) return undefined
  if (certification.type === 4) {
    const isSame = equalBytes(firstCertificate(certification.certificate), pck.der)
    return isSame ? undefined : { code: 'pck_chain_mismatch', field: 'certificate' }
  }
  const { ppid = platform.ppid, cpuSvn, pceSvn, pceId = platform.pceId } = certification
  if (!equalBytes(ppid, platform.ppid)) return { code: 'pck_chain_mismatch', field: 'ppid' }
  if (!equalBytes(cpuSvn, platform.cpuSvn)) return { code: 'pck_chain_mismatch', field: 'cpu_svn' }
  if (pceSvn !== platform.pceSvn) return { code: 'pck_chain_mismatch', field: 'pce_svn' }
  if (!equalBytes(pceId, platform.pceId)) return { code: 'pck_chain_mismatch', field: 'pce_id' }
  return undefined
}

function firstCertificate(bytes: Uint8Array): Uint8Array {
  const pem = parsePemCertificates(bytes, 1)
  return (pem.ok ? pem.value[0] : undefined) ?? bytes
}
