import { InvariantError } from '@tacit/base'
import { toPem } from '../certificates.ts'
import type { DevRoot } from '../intel/types.ts'
import { deriveBytes, deriveKey, sha256, sha384 } from '../keys.ts'
import {
  DEVICE_ROLES,
  issueDeviceChain,
  rootName,
  type ChainAttack,
  type DevDeviceRole,
  type DeviceCertificates,
} from './device-chain.ts'
import {
  describeDevice,
  measuredDigest,
  measureDevice,
  MODELS,
  type DevArchitecture,
  type DeviceModel,
  type DeviceTraits,
} from './models.ts'
import { issueOcsp, type OcspOptions } from './ocsp-writer.ts'
import { writeReport, type ReportBlock, type ReportField } from './report-writer.ts'
import type { RimSpec } from './rim-document.ts'
import { createDevRimAuthority, type DevRimAuthority, type RimAttack } from './rim-writer.ts'

export interface DevGpuPlatformOptions {
  /** 32 random bytes; every key, serial number and device identifier is derived from them. */
  readonly seed: Uint8Array
  /** Unix seconds; OCSP responses are valid for a day before and after it. */
  readonly now: number
}

/** What a device is; what is not given is that of an honest one. */
export interface DeviceLaunch extends Partial<
  Pick<DeviceTraits, 'driverVersion' | 'vbiosVersion' | 'nvdec0' | 'feature' | 'links'>
> {
  /** Hopper where not given. */
  readonly architecture?: DevArchitecture
  /** Which of the machine's devices of this architecture, from 0. */
  readonly slot?: number
}

/** Deviations from honest devices, all under the platform's own keys. */
export interface GpuAttack extends ChainAttack {
  /** Changes the measurements before they are signed. */
  readonly editBlocks?: (blocks: ReportBlock[]) => void
  /** Changes the opaque fields before they are signed. */
  readonly editFields?: (fields: ReportField[]) => void
  /** Changes request and response before they are signed. */
  readonly editReport?: (unsigned: Uint8Array) => Uint8Array
  /** Changes the chain before it is written as PEM, leaf first. */
  readonly editChain?: (ders: Uint8Array[]) => void
  /** Changes what manifests accept. */
  readonly editRim?: (spec: RimSpec) => RimSpec
  /** Deviations of the manifests' signers. */
  readonly rim?: RimAttack
}

/** A GPU or switch of the platform. */
export interface DevDevice {
  readonly architecture: DevArchitecture
  /** 8 bytes. */
  readonly pdi: Uint8Array
  /** 48 bytes. */
  readonly fwid: Uint8Array
  readonly driverVersion: string
  readonly vbiosVersion: string
  /** PEM text, leaf first. */
  readonly chain: Uint8Array
  /** Request and response over the requester's 32 bytes. */
  report(nonce: Uint8Array): Uint8Array
  /** An OCSP response, DER, about one of the chain's certificates. */
  ocsp(role: Exclude<DevDeviceRole, 'root'>, options?: OcspOptions): Uint8Array
  /** Responses about all certificates that NVIDIA can revoke. */
  ocspAll(options?: OcspOptions): readonly Uint8Array[]
  /** The manifests that the device's driver and VBIOS match, XML. */
  rims(): readonly Uint8Array[]
  /** Responses about all certificates of the manifests' chain. */
  rimOcsp(options?: OcspOptions): readonly Uint8Array[]
  /** The same device, keys included, with deviations; for tests. */
  attack(attack: GpuAttack): DevDevice
}

export interface DevGpuPlatform {
  /** Of devices. */
  readonly root: DevRoot
  /** Of manifests. */
  readonly rimRoot: DevRoot
  launch(launch?: DeviceLaunch): DevDevice
  /** Eight Hopper GPUs and four switches, linked to each other. */
  launchSet(launch?: Omit<DeviceLaunch, 'architecture' | 'slot' | 'links'>): readonly DevDevice[]
  /** The same platform, keys included, with deviations; for tests. */
  attack(attack: GpuAttack): DevGpuPlatform
}

const ISSUERS = {
  identity_ca: 'root',
  provisioner_ca: 'identity_ca',
  device: 'provisioner_ca',
  attestation: 'device',
} as const
const REVOCABLE = ['device', 'provisioner_ca', 'identity_ca'] as const
const RIM_REVOCABLE = ['rim_signer', 'rim_issuing_ca', 'rim_product_ca'] as const
const SET_GPUS = 8
const SET_SWITCHES = 4

/**
 * Creates a software platform of NVIDIA's devices: reports, certificates, OCSP responses and
 * manifests of the real formats under development roots that the seed decides.
 */
export function createDevGpuPlatform(options: DevGpuPlatformOptions): DevGpuPlatform {
  if (options.seed.length !== 32) {
    throw new InvariantError('createDevGpuPlatform: the seed has 32 bytes')
  }
  return assemble({ options, attack: {}, authority: createDevRimAuthority(options.seed) })
}

function assemble(parts: Parts): DevGpuPlatform {
  const { seed } = parts.options
  const { attack } = parts
  // Every chain has the same root; its device does not matter.
  const { root } = issueDeviceChain(
    seed,
    MODELS.Hopper,
    new Uint8Array(8),
    new Uint8Array(48),
    attack,
  ).certificates
  const name = rootName(seed)
  return {
    root: { name, vendor: 'nvidia', certificate: root, fingerprint: sha256(root) },
    rimRoot: parts.authority.root,
    launch: (launch = {}) => launchDevice(parts, launch),
    launchSet: (launch = {}) => launchSet(parts, launch),
    attack: (further) => assemble(deviating(parts, further)),
  }
}

interface Parts {
  readonly options: DevGpuPlatformOptions
  readonly attack: GpuAttack
  readonly authority: DevRimAuthority
}

function deviating(parts: Parts, further: GpuAttack): Parts {
  const attack = { ...parts.attack, ...further }
  const authority = createDevRimAuthority(parts.options.seed).attack(attack.rim ?? {})
  return { ...parts, attack, authority }
}

function launchSet(parts: Parts, launch: DeviceLaunch): readonly DevDevice[] {
  const { seed } = parts.options
  const slots = (count: number): number[] => Array.from({ length: count }, (_, slot) => slot)
  const gpus = slots(SET_GPUS).map((slot) => identifierOf(seed, MODELS.Hopper, slot))
  const switches = slots(SET_SWITCHES).map((slot) => identifierOf(seed, MODELS.LS10, slot))
  const gpu = { feature: 'PPCIE', ...launch, links: switches } as const
  return [
    ...slots(SET_GPUS).map((slot) => launchDevice(parts, { ...gpu, slot })),
    ...slots(SET_SWITCHES).map((slot) =>
      launchDevice(parts, { architecture: 'LS10', slot, links: gpus }),
    ),
  ]
}

function identifierOf(seed: Uint8Array, { chip }: DeviceModel, slot: number): Uint8Array {
  return deriveBytes(seed, `nvidia pdi ${chip} ${slot}`, 8)
}

function launchDevice(parts: Parts, launch: DeviceLaunch): DevDevice {
  const { architecture = 'Hopper', slot = 0, ...given } = launch
  const { seed } = parts.options
  const model = MODELS[architecture]
  const traits: DeviceTraits = {
    driverVersion: model.driverVersion,
    vbiosVersion: model.vbiosVersion,
    nvdec0: 'disabled',
    feature: 'SPT',
    links: [],
    ...given,
    fwid: sha384(deriveBytes(seed, `nvidia firmware ${model.chip}`, 32)),
    pdi: identifierOf(seed, model, slot),
  }
  const issued = issueDeviceChain(seed, model, traits.pdi, traits.fwid, parts.attack)
  const ocsp: DevDevice['ocsp'] = (role, options = {}) => answer(parts, issued, role, options)
  const { driverVersion, vbiosVersion, pdi, fwid } = traits
  return {
    architecture,
    pdi,
    fwid,
    driverVersion,
    vbiosVersion,
    chain: writeChain(issued, parts.attack),
    report: (nonce) => sign(parts, model, traits, issued, nonce),
    ocsp,
    ocspAll: (options = {}) => REVOCABLE.map((role) => ocsp(role, options)),
    rims: () => writeRims(parts, model, traits),
    rimOcsp: (options = {}) =>
      RIM_REVOCABLE.map((role) => parts.authority.ocsp(role, parts.options.now, options)),
    attack: (further) => launchDevice(deviating(parts, further), launch),
  }
}

function writeChain({ certificates }: DeviceCertificates, { editChain }: GpuAttack): Uint8Array {
  const ders = DEVICE_ROLES.map((role) => certificates[role])
  editChain?.(ders)
  return toPem(ders)
}

function sign(
  { options: { seed }, attack }: Parts,
  model: DeviceModel,
  traits: DeviceTraits,
  { keys }: DeviceCertificates,
  nonce: Uint8Array,
): Uint8Array {
  if (nonce.length !== 32) throw new InvariantError('report: a nonce has 32 bytes')
  const blocks = measureDevice(model, traits)
  const fields = describeDevice(model, traits)
  attack.editBlocks?.(blocks)
  attack.editFields?.(fields)
  const responseNonce = deriveBytes(
    seed,
    `nvidia response ${Buffer.from(nonce).toString('hex')}`,
    32,
  )
  const written = writeReport({ nonce, responseNonce, blocks, fields })
  const unsigned = attack.editReport?.(written) ?? written
  const signature = keys[attack.signers?.report ?? 'attestation'].sign(unsigned)
  return new Uint8Array([...unsigned, ...signature])
}

function answer(
  { options: { seed, now } }: Parts,
  { specs, keys }: DeviceCertificates,
  role: Exclude<DevDeviceRole, 'root'>,
  options: OcspOptions,
): Uint8Array {
  const issuer = ISSUERS[role]
  const subject = {
    serial: specs[role].serial,
    issuerName: specs[issuer].commonName,
    issuer: keys[issuer],
    delegate: deriveKey(seed, `nvidia ocsp ${specs[issuer].commonName}`, 'p384'),
    now,
  }
  return issueOcsp(subject, options)
}

/** Each value beside another one that is accepted too. */
function writeRims(
  { authority, attack: { editRim = (spec) => spec } }: Parts,
  model: DeviceModel,
  traits: DeviceTraits,
): readonly Uint8Array[] {
  const spec = (kind: 'driver' | 'vbios'): RimSpec => {
    const version = kind === 'driver' ? traits.driverVersion : traits.vbiosVersion
    const indices = kind === 'driver' ? model.driverIndices : model.vbiosIndices
    const values = indices.map((index): [number, Uint8Array[]] => {
      return [index, [sha384(), measuredDigest(kind, version, index)]]
    })
    return { version, product: model.product, device: model.kind, values: new Map(values) }
  }
  const kinds = model.kind === 'gpu' ? (['driver', 'vbios'] as const) : (['vbios'] as const)
  return kinds.map((kind) => authority.writeRim(editRim(spec(kind))))
}
