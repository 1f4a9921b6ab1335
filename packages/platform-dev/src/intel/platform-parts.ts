import { bytesToHex } from '@tacit/base'
import { CA_USAGE, issueCertificate, LEAF_USAGE, type CertificateSpec } from '../certificates.ts'
import { deriveBytes, deriveKey, sha256, type PlatformKey } from '../keys.ts'
import type { EnclaveTraits } from './documents.ts'
import { createMachine, pckExtension, type Machine } from './machine.ts'
import type { DevAttack, DevPlatformOptions, DevRole } from './types.ts'

const CERTIFICATES_FROM = Date.UTC(2020, 0, 1) / 1000
const CERTIFICATES_UNTIL = Date.UTC(2049, 11, 31, 23, 59, 59) / 1000

/** Who signs whom. */
export const ISSUERS: Readonly<Record<DevRole, DevRole>> = {
  root: 'root',
  pck_ca: 'root',
  pck: 'pck_ca',
  tcb_signing: 'root',
}

/** The platform's keys; an attack leaves them as they are. */
export interface Keys {
  readonly roles: Readonly<Record<DevRole, PlatformKey>>
  readonly attestation: PlatformKey
}

export function deriveKeys(seed: Uint8Array): Keys {
  const roles = {
    root: deriveKey(seed, 'root'),
    pck_ca: deriveKey(seed, 'pck ca'),
    pck: deriveKey(seed, 'pck'),
    tcb_signing: deriveKey(seed, 'tcb signing'),
  }
  return { roles, attestation: deriveKey(seed, 'attestation') }
}

/** What quotes and collateral are issued from. */
export interface Parts {
  readonly options: DevPlatformOptions
  readonly keys: Keys
  readonly attack: DevAttack
  readonly machine: Machine
  readonly specs: Readonly<Record<DevRole, CertificateSpec>>
  readonly certificates: Readonly<Record<DevRole, Uint8Array>>
}

export function assembleParts(options: DevPlatformOptions, keys: Keys, attack: DevAttack): Parts {
  const { seed, pckCa = 'platform' } = options
  const machine = { ...describeMachine(options), ...attack.machine }
  const specs = specifyCertificates(seed, keys, machine, attack, pckCa)
  const certificates = issueCertificates(specs, keys, attack)
  return { options, keys, attack, machine, specs, certificates }
}

function describeMachine({ seed, pckCa, needsRelaunch }: DevPlatformOptions): Machine {
  const machine = createMachine(seed)
  const { teeTcbSvn } = machine
  const current = needsRelaunch === true ? { teeTcbSvn2: newerModule(teeTcbSvn) } : {}
  return { ...machine, ...current, ...(pckCa === 'processor' ? { instanceId: undefined } : {}) }
}

/** The same platform under the module's next security version. */
function newerModule(teeTcbSvn: Uint8Array): Uint8Array {
  return teeTcbSvn.with(0, (teeTcbSvn[0] ?? 0) + 1)
}

function specifyCertificates(
  seed: Uint8Array,
  { roles }: Keys,
  machine: Machine,
  { certificates = {} }: DevAttack,
  pckCa: 'processor' | 'platform',
): Record<DevRole, CertificateSpec> {
  const rootId = bytesToHex(sha256(roles.root.publicKey).subarray(0, 4))
  const spec = (role: DevRole, commonName: string, pathLength?: number): CertificateSpec => ({
    commonName,
    serial: serialNumber(seed, role),
    notBefore: CERTIFICATES_FROM,
    notAfter: CERTIFICATES_UNTIL,
    publicKey: roles[role].publicKey,
    isCa: pathLength !== undefined,
    pathLength,
    keyUsage: pathLength === undefined ? LEAF_USAGE : CA_USAGE,
    extensions: role === 'pck' ? [pckExtension(machine)] : [],
    ...certificates[role],
  })
  return {
    root: spec('root', `Tacit Development Root CA ${rootId}`, 1),
    pck_ca: spec(
      'pck_ca',
      `Intel SGX PCK ${pckCa === 'processor' ? 'Processor' : 'Platform'} CA`,
      0,
    ),
    pck: spec('pck', 'Intel SGX PCK Certificate'),
    tcb_signing: spec('tcb_signing', 'Intel SGX TCB Signing'),
  }
}

function issueCertificates(
  specs: Readonly<Record<DevRole, CertificateSpec>>,
  { roles }: Keys,
  { signers = {} }: DevAttack,
): Record<DevRole, Uint8Array> {
  const issue = (role: DevRole): Uint8Array => {
    const issuer = ISSUERS[role]
    return issueCertificate(specs[role], specs[issuer].commonName, roles[signers[role] ?? issuer])
  }
  return {
    root: issue('root'),
    pck_ca: issue('pck_ca'),
    pck: issue('pck'),
    tcb_signing: issue('tcb_signing'),
  }
}

/** 20 bytes, positive and never shortened. */
function serialNumber(seed: Uint8Array, role: DevRole): Uint8Array {
  const serial = deriveBytes(seed, `serial ${role}`, 20)
  serial[0] = ((serial[0] ?? 0) & 0x3f) | 0x40
  return serial
}

/** The same values stand in its reports and in its identity. */
export function quotingEnclave(seed: Uint8Array, tee: 'sgx' | 'tdx'): EnclaveTraits {
  const mrSigner = deriveBytes(seed, 'quoting enclave signer', 32)
  return { mrSigner, isvProdId: tee === 'tdx' ? 2 : 1, isvSvn: 8 }
}
