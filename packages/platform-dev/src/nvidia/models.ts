import { concatBytes, utf8 } from '@tacit/base'
import { sha384 } from '../keys.ts'
import { u16, type ReportBlock, type ReportField } from './report-writer.ts'

export type DevArchitecture = 'Hopper' | 'Blackwell' | 'LS10'

/** How devices of an architecture name and measure themselves. */
export interface DeviceModel {
  readonly architecture: DevArchitecture
  readonly kind: 'gpu' | 'switch'
  /** As certificates name it. */
  readonly chip: string
  /** Stepping and processor, as certificates name them. */
  readonly core: string
  /** Whose CA is over the provisioner: LS10 is under Hopper's. */
  readonly identity: string
  /** As manifests name it. */
  readonly product: string
  /** How many measurements there are. */
  readonly blocks: number
  /** Indices from 0 that the VBIOS decides, and those that the driver does. */
  readonly vbiosIndices: readonly number[]
  readonly driverIndices: readonly number[]
  readonly vbiosVersion: string
  readonly driverVersion: string
}

const GPU_INDICES = {
  blocks: 64,
  vbiosIndices: [1, 2, 3, 4, 5, 6, 7, 9],
  driverIndices: [21, 22, 25, 26, 27, 29, 35, 37],
} as const

export const MODELS: Readonly<Record<DevArchitecture, DeviceModel>> = {
  Hopper: {
    architecture: 'Hopper',
    kind: 'gpu',
    chip: 'GH100',
    core: 'A01 GSP',
    identity: 'GH100',
    product: 'GH100',
    ...GPU_INDICES,
    vbiosVersion: '96.00.9F.00.01',
    driverVersion: '550.144.03',
  },
  Blackwell: {
    architecture: 'Blackwell',
    kind: 'gpu',
    chip: 'GB100',
    core: 'A01 GSP',
    identity: 'GB100',
    product: 'GB100',
    ...GPU_INDICES,
    vbiosVersion: '97.00.88.00.0F',
    driverVersion: '575.32',
  },
  LS10: {
    architecture: 'LS10',
    kind: 'switch',
    chip: 'LS_10',
    core: 'A01 FSP',
    identity: 'GH100',
    product: 'LS10',
    blocks: 31,
    vbiosIndices: Array.from({ length: 31 }, (_, index) => index),
    driverIndices: [],
    vbiosVersion: '96.10.55.00.01',
    driverVersion: '',
  },
}

/** What a device says of itself beside its measurements. */
export interface DeviceTraits {
  readonly driverVersion: string
  readonly vbiosVersion: string
  /** 48 bytes. */
  readonly fwid: Uint8Array
  readonly nvdec0: 'enabled' | 'disabled'
  readonly feature: 'SPT' | 'MPT' | 'PPCIE'
  /** PDIs that the device is linked to, 8 bytes each: switches of a GPU, GPUs of a switch. */
  readonly links: readonly Uint8Array[]
  readonly pdi: Uint8Array
}

const STATUS = { enabled: Uint8Array.of(0xaa), disabled: Uint8Array.of(0x55) } as const
const FEATURES = { SPT: 0, MPT: 1, PPCIE: 2 } as const
const GPU_PORTS = 18
const SWITCH_PORTS = 64
const SWITCH_GPUS = 8

/** The digest that a driver or VBIOS of some version measures at an index. */
export function measuredDigest(kind: string, version: string, index: number): Uint8Array {
  return sha384(utf8(`${kind} ${version} ${index}`))
}

/** All blocks in order; what nothing decides is zero. */
export function measureDevice(model: DeviceModel, traits: DeviceTraits): ReportBlock[] {
  return Array.from({ length: model.blocks }, (_, at) => ({
    index: at + 1,
    value: measuredAt(model, traits, at),
  }))
}

function measuredAt(model: DeviceModel, traits: DeviceTraits, index: number): Uint8Array {
  if (model.vbiosIndices.includes(index)) {
    return measuredDigest('vbios', traits.vbiosVersion, index)
  }
  return model.driverIndices.includes(index)
    ? measuredDigest('driver', traits.driverVersion, index)
    : new Uint8Array(48)
}

/** The opaque fields of a device, in the order of NVIDIA's. */
export function describeDevice(model: DeviceModel, traits: DeviceTraits): ReportField[] {
  return model.kind === 'gpu' ? describeGpu(model, traits) : describeSwitch(traits)
}

function describeGpu(model: DeviceModel, traits: DeviceTraits): ReportField[] {
  const isHopper = model.architecture === 'Hopper'
  const isProtected = traits.feature === 'PPCIE'
  const ports = Array.from({ length: GPU_PORTS }, (_, port) =>
    (traits.links[port % traits.links.length] ?? new Uint8Array(8)).toReversed(),
  )
  return [
    field(6, gpuVersion(traits.vbiosVersion)),
    field(14, Uint8Array.of(0xb1, 3, 0, 0)),
    field(15, concatBytes(text(isHopper ? '882' : '886'), new Uint8Array(5))),
    field(16, concatBytes(text('0'), new Uint8Array(3))),
    field(17, text(isHopper ? '1010' : 'G525')),
    field(18, text(isHopper ? '0200' : '0220')),
    field(3, text(traits.driverVersion)),
    field(4, Uint8Array.of(isHopper ? 0x80 : 0xa0, 1, 0, 0, 0, 0, 0, 0)),
    field(12, new Uint8Array(4 * model.blocks)),
    field(11, STATUS[traits.nvdec0]),
    field(20, traits.fwid),
    ...(isHopper ? [field(21, isProtected ? STATUS.enabled : STATUS.disabled)] : []),
    ...(isProtected ? [field(22, concatBytes(...ports))] : []),
    field(34, u16(1)),
    field(36, u16(FEATURES[traits.feature])),
  ]
}

function describeSwitch(traits: DeviceTraits): ReportField[] {
  const gpus = Array.from({ length: SWITCH_GPUS }, (_, at) => traits.links[at] ?? new Uint8Array(8))
  return [
    field(6, utf8(traits.vbiosVersion)),
    field(22, traits.pdi),
    field(12, new Uint8Array(104)),
    field(26, concatBytes(...gpus, new Uint8Array(SWITCH_PORTS).fill(0xff))),
    field(23, u16(0xec)),
    field(24, u16(2)),
    field(25, u16(1)),
  ]
}

function field(type: number, value: Uint8Array): ReportField {
  return { type, value }
}

function text(value: string): Uint8Array {
  return concatBytes(utf8(value), new Uint8Array(1))
}

/** `96.00.9F.00.01` as a little-endian u32, one more byte and zeros. */
function gpuVersion(version: string): Uint8Array {
  const [d = 0, c = 0, b = 0, a = 0, e = 0] = version.split('.').map((part) => parseInt(part, 16))
  return Uint8Array.of(a, b, c, d, e, 0, 0, 0)
}
