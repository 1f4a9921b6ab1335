import { utf8 } from '@tacit/base'
import { issueCrl, toPem } from '../certificates.ts'
import { qeIdentity, tcbInfo, type DocumentOptions, type JsonDocument } from './documents.ts'
import { ISSUERS, quotingEnclave, type Parts } from './platform-parts.ts'
import type { CollateralOptions, DevCollateral, DevDocument } from './types.ts'

const DAY = 86_400
const VALID_DAYS = 30

/** What Intel would publish about the machine. */
export function issueCollateral(parts: Parts, options: CollateralOptions): DevCollateral {
  const { root, pck_ca: pckCa, tcb_signing: tcbSigning } = parts.certificates
  const issuerChain = toPem([tcbSigning, root])
  const [info, infoSignature] = issueTcbInfo(parts, options)
  const [identity, identitySignature] = issueQeIdentity(parts, options)
  return {
    pckCrlIssuerChain: toPem([pckCa, root]),
    rootCaCrl: issueNamedCrl(parts, options, 'root_crl'),
    pckCrl: issueNamedCrl(parts, options, 'pck_crl'),
    tcbInfoIssuerChain: issuerChain,
    tcbInfo: info,
    tcbInfoSignature: infoSignature,
    qeIdentityIssuerChain: issuerChain,
    qeIdentity: identity,
    qeIdentitySignature: identitySignature,
  }
}

function issueNamedCrl(
  parts: Parts,
  options: CollateralOptions,
  document: 'root_crl' | 'pck_crl',
): Uint8Array {
  const { attack, keys, specs } = parts
  const issuer = document === 'root_crl' ? 'root' : 'pck_ca'
  const serials = (attack.revoked ?? [])
    .filter((role) => ISSUERS[role] === issuer)
    .map((role) => specs[role].serial)
  const name = specs[attack.crlIssuers?.[document] ?? issuer].commonName
  const spec = { issuer: name, ...windowOf(parts, options, document), serials }
  return issueCrl(spec, keys.roles[attack.signers?.[document] ?? issuer])
}

function issueTcbInfo(parts: Parts, options: CollateralOptions): [Uint8Array, Uint8Array] {
  const document = tcbInfo(parts.machine, documentOptions(parts, options, 'tcb_info'))
  parts.attack.editTcbInfo?.(document)
  return signDocument(parts, 'tcb_info', document)
}

function issueQeIdentity(parts: Parts, options: CollateralOptions): [Uint8Array, Uint8Array] {
  const traits = quotingEnclave(parts.options.seed, options.tee ?? 'tdx')
  const document = qeIdentity(traits, documentOptions(parts, options, 'qe_identity'))
  parts.attack.editQeIdentity?.(document)
  return signDocument(parts, 'qe_identity', document)
}

function signDocument(
  { keys, attack }: Parts,
  document: DevDocument,
  content: JsonDocument,
): [Uint8Array, Uint8Array] {
  const bytes = utf8(JSON.stringify(content))
  return [bytes, keys.roles[attack.signers?.[document] ?? 'tcb_signing'].sign(bytes)]
}

function documentOptions(
  parts: Parts,
  collateral: CollateralOptions,
  document: DevDocument,
): DocumentOptions {
  const { tcbInfoVersion = 3, needsRelaunch, module = {} } = parts.options
  const { status = 'UpToDate', advisories = [], quotingEnclave = {} } = parts.options
  return {
    tee: collateral.tee ?? 'tdx',
    ...windowOf(parts, collateral, document),
    tcbInfoVersion,
    status,
    advisories,
    module: needsRelaunch === true ? { ...module, status: 'OutOfDate' } : module,
    quotingEnclave,
    tcbEvaluationDataNumber: parts.options.tcbEvaluationDataNumber ?? 1,
  }
}

function windowOf(
  { options, attack }: Parts,
  { now = options.now }: CollateralOptions,
  document: DevDocument,
): { from: number; until: number } {
  return attack.windows?.[document] ?? { from: now - DAY, until: now + VALID_DAYS * DAY }
}
