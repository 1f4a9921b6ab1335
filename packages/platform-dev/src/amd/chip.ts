import { concatBytes, utf8 } from '@tacit/base'
import { extension } from '../certificates.ts'
import { element, octets, smallInteger } from '@tacit/crypto/der-writer'
import { deriveBytes } from '../keys.ts'

export type DevAmdFamily = 'Milan' | 'Genoa' | 'Turin'

/** Patch levels by component; fmc is Turin's alone. */
export interface DevAmdTcb {
  readonly fmc: number
  readonly bootloader: number
  readonly tee: number
  readonly snp: number
  readonly microcode: number
}

/** The processor that the platform plays. */
export interface DevAmdChip {
  readonly family: DevAmdFamily
  /** CPUID family, model, stepping. */
  readonly cpuid: readonly [number, number, number]
  /** 64 bytes, 8 for Turin. */
  readonly hwid: Uint8Array
}

/** What the certificate of a VCEK or VLEK says; an undefined field is left out. */
export interface DevEndorsement {
  readonly structVersion: number | undefined
  readonly productName: string | undefined
  readonly fmc: number | undefined
  readonly bootloader: number | undefined
  readonly tee: number | undefined
  readonly snp: number | undefined
  readonly microcode: number | undefined
  /** The components that AMD reserves, 4 to 7. */
  readonly reserved: readonly number[]
  readonly hwid: Uint8Array | undefined
  /** The HWID is an OCTET STRING, as AMD issued it for some time, not the bytes themselves. */
  readonly isHwidWrapped: boolean
  readonly cspId: string | undefined
}

const CPUIDS: Readonly<Record<DevAmdFamily, DevAmdChip['cpuid']>> = {
  Milan: [0x19, 0x01, 1],
  Genoa: [0x19, 0x11, 1],
  Turin: [0x1a, 0x02, 1],
}
const PRODUCT_NAMES: Readonly<Record<DevAmdFamily, string>> = {
  Milan: 'Milan-B0',
  Genoa: 'Genoa-B1',
  Turin: 'Turin',
}
/** Where the components lie in a TCB_VERSION. */
const LAYOUTS: Readonly<Record<DevAmdFamily, Partial<Record<keyof DevAmdTcb, number>>>> = {
  Milan: { bootloader: 0, tee: 1, snp: 6, microcode: 7 },
  Genoa: { bootloader: 0, tee: 1, snp: 6, microcode: 7 },
  Turin: { fmc: 0, bootloader: 1, tee: 2, snp: 3, microcode: 7 },
}
/** Above the floors of every advisory that is known of. */
export const DEV_AMD_TCB: DevAmdTcb = { fmc: 1, bootloader: 10, tee: 1, snp: 0x1b, microcode: 0xe0 }
const AMD = '1.3.6.1.4.1.3704.1'

export function createChip(seed: Uint8Array, family: DevAmdFamily): DevAmdChip {
  const hwid = deriveBytes(seed, `hwid ${family}`, family === 'Turin' ? 8 : 64)
  return { family, cpuid: CPUIDS[family], hwid }
}

/** The 8 bytes of a TCB_VERSION. */
export function encodeTcb(family: DevAmdFamily, tcb: DevAmdTcb): Uint8Array {
  const bytes = new Uint8Array(8)
  const { fmc, bootloader = 0, tee = 0, snp = 0, microcode = 0 } = LAYOUTS[family]
  if (fmc !== undefined) bytes[fmc] = tcb.fmc
  bytes[bootloader] = tcb.bootloader
  bytes[tee] = tcb.tee
  bytes[snp] = tcb.snp
  bytes[microcode] = tcb.microcode
  return bytes
}

/** What AMD certifies about the chip's key at a patch level, or about the key lent to a cloud. */
export function endorse(
  { family, hwid }: DevAmdChip,
  tcb: DevAmdTcb,
  signingKey: 'vcek' | 'vlek',
): DevEndorsement {
  const isVcek = signingKey === 'vcek'
  const isTurin = family === 'Turin'
  return {
    ...tcb,
    fmc: isTurin ? tcb.fmc : undefined,
    structVersion: isTurin ? 1 : 0,
    productName: isVcek ? PRODUCT_NAMES[family] : family,
    reserved: isTurin ? [0, 0, 0] : [0, 0, 0, 0],
    hwid: isVcek ? hwid : undefined,
    isHwidWrapped: false,
    cspId: isVcek ? undefined : 'CN=cc-development.tacit.example',
  }
}

/**
 * The extensions of a VCEK's or VLEK's certificate.
 * Source: VCEK Certificate and KDS Interface Specification (AMD 57230), "Certificate extensions".
 */
export function endorsementExtensions(endorsement: DevEndorsement): Uint8Array[] {
  const { structVersion, productName, reserved, hwid, isHwidWrapped, cspId } = endorsement
  const { fmc, bootloader, tee, snp, microcode } = endorsement
  const first = 8 - reserved.length
  return [
    ...numbered('1', structVersion),
    ...optional('2', productName && ia5(productName)),
    ...numbered('3.9', fmc),
    ...numbered('3.1', bootloader),
    ...numbered('3.2', tee),
    ...numbered('3.3', snp),
    ...reserved.flatMap((value, at) => numbered(`3.${first + at}`, value)),
    ...numbered('3.8', microcode),
    ...optional('4', isHwidWrapped && hwid !== undefined ? octets(hwid) : hwid),
    ...optional('5', cspId && ia5(cspId)),
  ]
}

function numbered(id: string, value: number | undefined): Uint8Array[] {
  return optional(id, value === undefined ? undefined : smallInteger(value))
}

function optional(id: string, content: Uint8Array | '' | undefined): Uint8Array[] {
  return content === undefined || content === '' ? [] : [extension(`${AMD}.${id}`, false, content)]
}

function ia5(text: string): Uint8Array {
  return element(0x16, concatBytes(utf8(text)))
}
