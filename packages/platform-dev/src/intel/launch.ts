import { concatBytes, InvariantError, utf8 } from '@tacit/base'
import { toPem } from '../certificates.ts'
import { deriveBytes, sha256 } from '../keys.ts'
import { quotingEnclave, type Parts } from './platform-parts.ts'
import {
  measureTd,
  sgxReport,
  tdReport,
  u16,
  writeQuote,
  type Certification,
} from './quote-writer.ts'
import type { CertificationType, DevEnclave, DevTd, EnclaveLaunch, TdLaunch } from './types.ts'

const ENCLAVE_ATTRIBUTES = 0x11
const SGX_INITIALIZED_64BIT = 0x05
const DEBUG = 0x02
const AUTH_DATA = Uint8Array.from({ length: 32 }, (_, at) => at)

/** What the quoting enclave adds to a quote, but for how the PCK is named. */
export type Certified = Omit<Certification, 'type' | 'data'>

/** The quoting enclave certifies its attestation key, and the PCK signs its report. */
export function certifyKey(
  { options, keys, attack, machine }: Parts,
  tee: 'sgx' | 'tdx',
): Certified {
  const { attestation, roles } = keys
  const reportData = new Uint8Array(64)
  reportData.set(sha256(attestation.publicKey, AUTH_DATA))
  const enclave = {
    ...quotingEnclave(options.seed, tee),
    mrEnclave: sha256(utf8(`quoting enclave ${tee}`)),
    attributes: ENCLAVE_ATTRIBUTES,
  }
  const qeReport = sgxReport(machine, enclave, reportData)
  attack.editQeReport?.(qeReport)
  return {
    attestationKey: attestation,
    qeReport,
    qeReportSignature: roles.pck.sign(qeReport),
    authData: AUTH_DATA,
  }
}

/** PEM text: PCK certificate, PCK CA, root. */
export function pckChainOf({ certificates: { pck, pck_ca: pckCa, root } }: Parts): Uint8Array {
  return toPem([pck, pckCa, root])
}

/** What a quote says of its PCK; an encrypted PPID is random bytes that only Intel could read. */
function namePck(parts: Parts, type: CertificationType = 5): Pick<Certification, 'type' | 'data'> {
  const { machine, certificates, options, attack } = parts
  const { ppid, sgxSvns, pceSvn, pceId } = machine
  const secret = (length: number) => deriveBytes(options.seed, 'encrypted ppid', length)
  const identifier = (shown: Uint8Array) => concatBytes(shown, sgxSvns, u16(pceSvn), pceId)
  if (type === 5) return { type, data: pckChainOf(parts) }
  const data = {
    1: () => identifier(ppid),
    2: () => identifier(secret(256)),
    3: () => identifier(secret(384)),
    4: () => certificates.pck,
    7: () => secret(64),
  }[type]()
  return { type, data: attack.editCertification?.(data) ?? data }
}

export function launchTd(parts: Parts, launch: TdLaunch, certify: () => Certified): DevTd {
  if (launch.image.length !== 48) throw new InvariantError('launchTd: an image has 48 bytes')
  const measurements = measureTd(launch.image, launch.role)
  const version = launch.quoteVersion ?? 4
  const is15 = version === 5 && launch.isTd10 !== true
  return {
    ...measurements,
    quote: (reportData) => {
      const body = tdReport(parts.machine, measurements, sized(reportData), is15)
      if (launch.debug === true) body[120] = 1
      parts.attack.editBody?.(body)
      return writeQuote(version, body, {
        ...certify(),
        ...namePck(parts, launch.certificationType),
      })
    },
  }
}

export function launchEnclave(
  parts: Parts,
  launch: EnclaveLaunch,
  certify: () => Certified,
): DevEnclave {
  const attributes = SGX_INITIALIZED_64BIT | (launch.debug === true ? DEBUG : 0)
  return {
    quote: (reportData) => {
      const body = sgxReport(parts.machine, { ...launch, attributes }, sized(reportData))
      parts.attack.editBody?.(body)
      return writeQuote(launch.quoteVersion ?? 3, body, {
        ...certify(),
        ...namePck(parts, launch.certificationType),
      })
    },
  }
}

function sized(reportData: Uint8Array): Uint8Array {
  if (reportData.length === 64) return reportData
  throw new InvariantError('quote: report data has 64 bytes')
}
