import { err, ok, startsWith, type Result } from '@tacit/base'
import { readDer, TAG, type Certificate, type DerReader } from '@tacit/crypto/x509'
import type { DcapFormError } from './errors.ts'

/** What a PCK certificate says about the processor that its key belongs to. */
export interface PckPlatform {
  /** 16 bytes: the platform's encrypted-provisioning identity; names one physical platform. */
  readonly ppid: Uint8Array
  /** 16 component SVNs, 0 to 255 each. */
  readonly componentSvns: readonly number[]
  readonly pceSvn: number
  /** 16 bytes. */
  readonly cpuSvn: Uint8Array
  /** 2 bytes. */
  readonly pceId: Uint8Array
  /** 6 bytes: family, model, stepping, platform type, custom SKU. */
  readonly fmspc: Uint8Array
  readonly sgxType: 'standard' | 'scalable' | 'scalable_with_integrity'
  /** 16 bytes; only in certificates by the Platform CA. */
  readonly platformInstanceId: Uint8Array | undefined
  /** Only in certificates by the Platform CA. */
  readonly configuration: PlatformConfiguration | undefined
}

export interface PlatformConfiguration {
  /** Packages may have been added later. */
  readonly dynamicPlatform: boolean | undefined
  /** Keys are cached by Intel. */
  readonly cachedKeys: boolean | undefined
  readonly smtEnabled: boolean | undefined
}

const SGX = '1.2.840.113741.1.13.1'
/** The same in DER, and below it the TCB and the platform's configuration. */
const SGX_ARC = Uint8Array.of(0x2a, 0x86, 0x48, 0x86, 0xf8, 0x4d, 0x01, 0x0d, 0x01)
const TCB_ARC = Uint8Array.of(...SGX_ARC, 2)
const CONFIGURATION_ARC = Uint8Array.of(...SGX_ARC, 7)
const SGX_TYPES = ['standard', 'scalable', 'scalable_with_integrity'] as const
const COMPONENTS = 16

/**
 * Reads the SGX extension of a PCK certificate; every required field exactly once.
 * Source: Intel SGX PCK Certificate and CRL Profile Specification, section 1.3.5.
 */
export function parsePckPlatform(certificate: Certificate): Result<PckPlatform, DcapFormError> {
  const content = certificate.extensions.get(SGX)
  if (content === undefined) return malformed('value_invalid')
  const read = readDer(content, readPlatform)
  return read.ok ? ok(read.value) : malformed(read.error.reason)
}

function malformed(
  reason: Extract<DcapFormError, { code: 'pck_extension_malformed' }>['reason'],
): Result<never, DcapFormError> {
  return err({ code: 'pck_extension_malformed', reason })
}

function readPlatform(input: DerReader): PckPlatform {
  const at: { -readonly [K in keyof PckPlatform]?: PckPlatform[K] } = {}
  readFields(input, SGX_ARC, {
    1: (field) => (at.ppid = field.octets(16)),
    2: (field) => Object.assign(at, readTcb(field)),
    3: (field) => (at.pceId = field.octets(2)),
    4: (field) => (at.fmspc = field.octets(6)),
    5: (field) => (at.sgxType = readSgxType(field)),
    6: (field) => (at.platformInstanceId = field.octets(16)),
    7: (field) => (at.configuration = readConfiguration(field)),
  })
  const { ppid, componentSvns, pceSvn, cpuSvn, pceId, fmspc, sgxType } = at
  if (ppid === undefined || componentSvns === undefined || pceSvn === undefined)
    return missing(input)
  if (cpuSvn === undefined || pceId === undefined || fmspc === undefined) return missing(input)
  if (sgxType === undefined) return missing(input)
  const { platformInstanceId, configuration } = at
  const required = { ppid, componentSvns, pceSvn, cpuSvn, pceId, fmspc, sgxType }
  return { ...required, platformInstanceId, configuration }
}

function readTcb(input: DerReader): Pick<PckPlatform, 'componentSvns' | 'pceSvn' | 'cpuSvn'> {
  const svns: number[] = []
  let pceSvn: number | undefined
  let cpuSvn: Uint8Array | undefined
  const readers: Record<number, (field: DerReader) => unknown> = {
    17: (field) => (pceSvn = field.unsigned(0xffff)),
    18: (field) => (cpuSvn = field.octets(16)),
  }
  for (let component = 0; component < COMPONENTS; component++) {
    readers[component + 1] = (field) => (svns[component] = field.unsigned(255))
  }
  const found = readFields(input, TCB_ARC, readers)
  if (found !== COMPONENTS + 2 || pceSvn === undefined || cpuSvn === undefined)
    return missing(input)
  return { componentSvns: svns, pceSvn, cpuSvn }
}

function readConfiguration(input: DerReader): PlatformConfiguration {
  let dynamicPlatform: boolean | undefined
  let cachedKeys: boolean | undefined
  let smtEnabled: boolean | undefined
  readFields(input, CONFIGURATION_ARC, {
    1: (field) => (dynamicPlatform = field.boolean()),
    2: (field) => (cachedKeys = field.boolean()),
    3: (field) => (smtEnabled = field.boolean()),
  })
  return { dynamicPlatform, cachedKeys, smtEnabled }
}

function readSgxType(input: DerReader): PckPlatform['sgxType'] {
  const bytes = input.content(TAG.enumerated)
  const type = bytes.length === 1 ? SGX_TYPES[bytes[0] ?? 255] : undefined
  return type ?? input.fail('value_invalid')
}

/**
 * Reads a sequence of (identifier, value) pairs; known identifiers at most once, others skipped.
 * Returns how many known ones there were.
 */
function readFields(
  input: DerReader,
  arc: Uint8Array,
  readers: Readonly<Record<number, (field: DerReader) => unknown>>,
): number {
  let seen = 0
  let count = 0
  input.each(TAG.sequence, 32, (list) => {
    list.sequence((field) => {
      const item = itemBelow(arc, field.content(TAG.oid))
      const reader = item === undefined ? undefined : readers[item]
      if (item === undefined || reader === undefined) return field.skip()
      if ((seen & (1 << item)) !== 0) field.fail('extension_duplicate')
      seen |= 1 << item
      count++
      reader(field)
    })
  })
  return count
}

/** The last arc of an identifier right below another, where it is a number of one byte. */
function itemBelow(arc: Uint8Array, id: Uint8Array): number | undefined {
  const item = id[arc.length]
  const isBelow = id.length === arc.length + 1 && startsWith(id, arc)
  return isBelow && item !== undefined && item < 32 ? item : undefined
}

function missing(input: DerReader): never {
  return input.fail('value_invalid')
}
