import {
  boolean,
  element,
  enumerated,
  octets,
  oid,
  sequence,
  smallInteger,
} from '@tacit/crypto/der-writer'
import { extension } from '../certificates.ts'
import { deriveBytes } from '../keys.ts'

/** The processor that the platform plays. */
export interface Machine {
  /** 16 bytes. */
  readonly ppid: Uint8Array
  /** 6 bytes. */
  readonly fmspc: Uint8Array
  /** 2 bytes. */
  readonly pceId: Uint8Array
  /** 16 component SVNs. */
  readonly sgxSvns: Uint8Array
  readonly pceSvn: number
  /** 16 bytes: TDX module SVN and version, then platform components. */
  readonly teeTcbSvn: Uint8Array
  /** 16 bytes: of the module that runs now, where it is not the one that the TD started under. */
  readonly teeTcbSvn2?: Uint8Array | undefined
  /** 16 bytes; undefined where the Processor CA knows a single package only. */
  readonly instanceId: Uint8Array | undefined
}

const SGX = '1.2.840.113741.1.13.1'

export function createMachine(seed: Uint8Array): Machine {
  return {
    ppid: deriveBytes(seed, 'ppid', 16),
    fmspc: Uint8Array.of(0x7a, 0xc1, 0x70, 0, 0, 0),
    pceId: Uint8Array.of(0, 0),
    sgxSvns: Uint8Array.of(4, 4, 2, 2, 4, 1, 0, 5, 0, 0, 0, 0, 0, 0, 0, 0),
    pceSvn: 13,
    teeTcbSvn: Uint8Array.of(4, 1, 5, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0),
    instanceId: deriveBytes(seed, 'platform instance', 16),
  }
}

/**
 * The SGX extension of the machine's PCK certificate.
 * Source: Intel SGX PCK Certificate and CRL Profile Specification, section 1.3.5.
 */
export function pckExtension(machine: Machine): Uint8Array {
  const { ppid, sgxSvns, pceSvn, pceId, fmspc, instanceId } = machine
  const components = Array.from(sgxSvns, (svn, at) => field(`2.${at + 1}`, smallInteger(svn)))
  const tcb = [...components, field('2.17', smallInteger(pceSvn)), field('2.18', octets(sgxSvns))]
  const configuration = [1, 2, 3].map((item) => field(`7.${item}`, boolean(item === 3)))
  const platform =
    instanceId === undefined
      ? []
      : [field('6', octets(instanceId)), field('7', sequence(...configuration))]
  const content = sequence(
    field('1', octets(ppid)),
    field('2', sequence(...tcb)),
    field('3', octets(pceId)),
    field('4', octets(fmspc)),
    field('5', enumerated(1)),
    ...platform,
  )
  return extension(SGX, false, content)
}

function field(path: string, value: Uint8Array): Uint8Array {
  return element(0x30, oid(`${SGX}.${path}`), value)
}
