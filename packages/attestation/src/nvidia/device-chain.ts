import { err, ok, type Result } from '@tacit/base'
import { KEY_USAGE } from '@tacit/crypto/x509'
import { parsePemChain, type CertificateChain } from '../chain.ts'
import type { RoleRule, RoleRules } from '../chain-rules.ts'
import type { ChainRole, IssuedRole, NvidiaFormError } from './errors.ts'
import type { NvidiaArchitecture, NvidiaVerdict } from './verdict.ts'

export type DeviceChain = CertificateChain<'device', ChainRole>

/** What the certificates say the device is. */
export interface DeviceIdentity extends Pick<
  NvidiaVerdict,
  'architecture' | 'kind' | 'hardwareModel' | 'pdi' | 'ueid'
> {
  /** As manifests name it, such as `GH100`. */
  readonly product: string
}

/** Leaf first. */
const ROLES: readonly ChainRole[] = ['attestation', 'device', 'provisioner_ca', 'identity_ca']
const PDI_BYTES = 8
const CA: RoleRule = { isCa: true, keyUsage: KEY_USAGE.certificateSign, commonName: undefined }
const LEAF: RoleRule = {
  isCa: false,
  keyUsage: KEY_USAGE.digitalSignature,
  commonName: undefined,
}

/** Names as they stand in certificates of Hopper, Blackwell and LS10; none limits its path. */
export const DEVICE_RULES: RoleRules<IssuedRole> = {
  // A root for manifests must not vouch for devices.
  root: { ...CA, commonName: /\bDevice Identity CA\b/ },
  identity_ca: { ...CA, commonName: /^NVIDIA \w+ Identity$/ },
  provisioner_ca: { ...CA, commonName: /^NVIDIA \w+ Provisioner ICA \w+$/ },
  device: { ...CA, commonName: /^\w+ \w+ \w+ BROM$/ },
  attestation: { ...LEAF, commonName: /^\w+ \w+ \w+ FMC\b/ },
  ocsp_responder: LEAF,
}

const ARCHITECTURES: readonly (readonly [RegExp, NvidiaArchitecture])[] = [
  [/^GH\d{3}$/, 'Hopper'],
  [/^GB\d{3}$/, 'Blackwell'],
  [/^LS_10$/, 'LS10'],
]

/** The architecture of a device by its name, such as `GH100 A01 GSP BROM`. */
export function architectureOf(hardwareModel: string): NvidiaArchitecture | undefined {
  const [chip = ''] = hardwareModel.split(' ')
  return ARCHITECTURES.find(([form]) => form.test(chip))?.[1]
}

/** Reads a device's chain: PEM text, leaf first, five certificates with the root, all on P-384. */
export function parseDeviceChain(pem: Uint8Array): Result<DeviceChain, NvidiaFormError> {
  return parsePemChain('device', pem, ROLES, ['p384'])
}

/**
 * Reads what the device is out of its own certificate, the one by its boot ROM: the chip in its
 * name; its per-device identifier, the last 8 bytes of its serial number.
 */
export function identifyDevice(chain: DeviceChain): Result<DeviceIdentity, NvidiaFormError> {
  const device = chain.certificates[1]?.certificate ?? chain.leaf
  const hardwareModel = device.subject.commonName ?? ''
  const [chip = ''] = hardwareModel.split(' ')
  const architecture = architectureOf(hardwareModel)
  if (architecture === undefined) return err({ code: 'architecture_unknown', hardwareModel })
  const pdi = new Uint8Array(PDI_BYTES)
  const tail = device.serial.subarray(-PDI_BYTES)
  pdi.set(tail, PDI_BYTES - tail.length)
  return ok({
    architecture,
    kind: architecture === 'LS10' ? 'switch' : 'gpu',
    hardwareModel,
    product: chip.replace('_', ''),
    pdi,
    ueid: chain.leaf.serial.slice(),
  })
}
