import { concatBytes } from '@tacit/base'
import { CA_USAGE, extension, issueCertificate, type CertificateSpec } from '../certificates.ts'
import { bits, element, octets, oid, sequence, smallInteger } from '@tacit/crypto/der-writer'
import { deriveBytes, deriveKey, type PlatformKey } from '../keys.ts'
import type { DeviceModel } from './models.ts'

/** The certificates of a device's chain by role. */
export type DevDeviceRole = 'root' | 'identity_ca' | 'provisioner_ca' | 'device' | 'attestation'

export const DEVICE_ROLES: readonly DevDeviceRole[] = [
  'attestation',
  'device',
  'provisioner_ca',
  'identity_ca',
  'root',
]

/** The keys and certificates of one device and of the CAs over it. */
export interface DeviceCertificates {
  readonly keys: Readonly<Record<DevDeviceRole, PlatformKey>>
  readonly specs: Readonly<Record<DevDeviceRole, CertificateSpec>>
  /** DER. */
  readonly certificates: Readonly<Record<DevDeviceRole, Uint8Array>>
}

/** Deviations from an honest chain; each is signed as if it were true. */
export interface ChainAttack {
  readonly certificates?: Partial<Readonly<Record<DevDeviceRole, Partial<CertificateSpec>>>>
  /** Signs a certificate with another role's key; the named issuer stays. */
  readonly signers?: Partial<Readonly<Record<DevDeviceRole | 'report', DevDeviceRole>>>
  /** Names another issuer in a certificate; the key that signs stays. */
  readonly issuerNames?: Partial<Readonly<Record<DevDeviceRole, string>>>
  /** 48 bytes in the attestation certificate; `none` leaves the extension out. */
  readonly certifiedFwid?: Uint8Array | 'none'
  /** Flags of the attestation certificate, where its form has any; 0x10 is debug. */
  readonly firmwareFlags?: number
}

const ISSUERS: Readonly<Record<DevDeviceRole, DevDeviceRole>> = {
  root: 'root',
  identity_ca: 'root',
  provisioner_ca: 'identity_ca',
  device: 'provisioner_ca',
  attestation: 'device',
}
const FROM = Date.UTC(2020, 0, 1) / 1000
/** 9999-12-31T23:59:59Z: without end, as NVIDIA has it. */
const UNTIL = 253_402_300_799
const CERTIFICATE_SIGN = 0x04
const DIGITAL_SIGNATURE = 0x80
const SHA384 = oid('2.16.840.1.101.3.4.2.2')
const P384_KEY = sequence(oid('1.2.840.10045.2.1'), oid('1.3.132.0.34'))

/** The name of the root of a seed's devices. */
export function rootName(seed: Uint8Array): string {
  const id = deriveBytes(seed, 'name nvidia root', 4)
  return `Tacit Development Device Identity CA ${Buffer.from(id).toString('hex')}`
}

/** Issues the chain of one device, which its identifier of 8 bytes names. */
export function issueDeviceChain(
  seed: Uint8Array,
  model: DeviceModel,
  pdi: Uint8Array,
  fwid: Uint8Array,
  attack: ChainAttack,
): DeviceCertificates {
  const id = Buffer.from(pdi).toString('hex')
  const key = (label: string): PlatformKey => deriveKey(seed, `nvidia ${label}`, 'p384')
  const keys = {
    root: key('root'),
    identity_ca: key(`identity ${model.identity}`),
    provisioner_ca: key(`provisioner ${model.chip}`),
    device: key(`device ${id}`),
    attestation: key(`attestation ${id}`),
  }
  const spec = (
    role: DevDeviceRole,
    commonName: string,
    change: Partial<CertificateSpec> = {},
  ): CertificateSpec => ({
    commonName,
    serial: serialNumber(seed, `${role} ${model.chip}`),
    notBefore: FROM,
    notAfter: UNTIL,
    publicKey: keys[role].publicKey,
    isCa: role !== 'attestation',
    pathLength: undefined,
    keyUsage: CA_USAGE,
    extensions: [],
    ...change,
    ...attack.certificates?.[role],
  })
  const ownSerial = concatBytes(Uint8Array.of(0x41), pdi)
  const specs = {
    root: spec('root', rootName(seed), { serial: serialNumber(seed, 'root') }),
    identity_ca: spec('identity_ca', `NVIDIA ${model.identity} Identity`, {
      serial: serialNumber(seed, `identity_ca ${model.identity}`),
    }),
    provisioner_ca: spec('provisioner_ca', `NVIDIA ${model.chip} Provisioner ICA 1`),
    device: spec('device', `${model.chip} ${model.core} BROM`, {
      serial: ownSerial,
      keyUsage: CERTIFICATE_SIGN,
    }),
    attestation: spec('attestation', `${model.chip} ${model.core} FMC LF`, {
      serial: serialNumber(seed, `attestation ${id}`),
      keyUsage: DIGITAL_SIGNATURE,
      extensions: firmwareExtension(model, keys.device, fwid, attack),
    }),
  }
  const issue = (role: DevDeviceRole): Uint8Array => {
    const issuer = ISSUERS[role]
    const signer = keys[attack.signers?.[role] ?? issuer]
    const issuerName = attack.issuerNames?.[role] ?? specs[issuer].commonName
    return issueCertificate(specs[role], issuerName, signer)
  }
  const certificates = {
    root: issue('root'),
    identity_ca: issue('identity_ca'),
    provisioner_ca: issue('provisioner_ca'),
    device: issue('device'),
    attestation: issue('attestation'),
  }
  return { keys, specs, certificates }
}

/** Blackwell's form has flags and a second digest, that of no firmware; the older form the key. */
function firmwareExtension(
  model: DeviceModel,
  device: PlatformKey,
  fwid: Uint8Array,
  { certifiedFwid = fwid, firmwareFlags = 0 }: ChainAttack,
): readonly Uint8Array[] {
  if (certifiedFwid === 'none') return []
  if (model.architecture !== 'Blackwell') {
    const key = sequence(P384_KEY, bits(concatBytes(Uint8Array.of(4), device.publicKey)))
    const content = sequence(smallInteger(1), key, firmwareDigest(certifiedFwid))
    return [extension('2.23.133.5.4.1', false, content)]
  }
  const digests = [firmwareDigest(certifiedFwid), firmwareDigest(new Uint8Array(48))]
  const content = sequence(
    element(0x80, new TextEncoder().encode('NVIDIA')),
    element(0xa6, ...digests),
    element(0x87, Uint8Array.of(0, firmwareFlags, 0, 0, 1)),
  )
  return [extension('2.23.133.5.4.1.1', false, content)]
}

function firmwareDigest(digest: Uint8Array): Uint8Array {
  return sequence(SHA384, octets(digest))
}

/** 16 bytes, positive and never shortened. */
function serialNumber(seed: Uint8Array, label: string): Uint8Array {
  const serial = deriveBytes(seed, `serial nvidia ${label}`, 16)
  serial[0] = ((serial[0] ?? 0) & 0x3f) | 0x40
  return serial
}
