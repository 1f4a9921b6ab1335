import { bytesToHex, parseHex, unwrap, type Result } from '@tacit/base'
import type { SignatureCheck } from '@tacit/crypto'
import { native } from '@tacit/crypto/native'
import {
  createDevPlatform,
  type DevPlatform,
  type DevPlatformOptions,
  type EnclaveLaunch,
  type TdLaunch,
} from '@tacit/platform-dev'
import { findEvidence, readEvidence, readEvidenceList } from '../../../../vectors/evidence.ts'
import { parseBundle, type DcapBundle } from '../dcap/bundle.ts'
import type { DcapError } from '../dcap/errors.ts'
import { INTEL_SGX_ROOT_CA } from '../dcap/roots.ts'
import type { DcapVerdict } from '../dcap/verdict.ts'
import { decideDcap, type DcapInput } from '../dcap/verify.ts'

export const NOW: number = Date.UTC(2026, 5, 1) / 1000
export const DAY = 86_400
export const REPORT_DATA: Uint8Array = Uint8Array.from({ length: 64 }, (_, at) => at)
const SEED = new Uint8Array(32).fill(7)
const IMAGE = new Uint8Array(48).fill(1)
const ENCLAVE = {
  mrEnclave: new Uint8Array(32).fill(2),
  mrSigner: new Uint8Array(32).fill(3),
  isvProdId: 258,
  isvSvn: 772,
}

/** Native verification that remembers: thousands of mutants share all but one signature. */
export function createVerifier(): (check: SignatureCheck) => boolean {
  const known = new Map<string, boolean>()
  return (check) => {
    const { publicKey, message, signature } = check
    const parts = [publicKey, native.hashes.blake2b256(message), signature]
    const name = parts.map(bytesToHex).join()
    const result = known.get(name) ?? native.verify(check)
    known.set(name, result)
    return result
  }
}

export const verify: (check: SignatureCheck) => boolean = createVerifier()

export function decide(input: DcapInput): Result<DcapVerdict, DcapError> {
  return decideDcap(input, verify)
}

/** The error's code, or the verdict's status. */
export function outcome(input: DcapInput): string {
  const result = decide(input)
  return result.ok ? result.value.status : result.error.code
}

export function platformOf(options: Partial<DevPlatformOptions> = {}): DevPlatform {
  return createDevPlatform({ seed: SEED, now: NOW, ...options })
}

export const honest: DevPlatform = platformOf()

/** Evidence of a TD on a platform, with that platform's collateral and root. */
export function tdx(platform: DevPlatform = honest, launch: Partial<TdLaunch> = {}): DcapInput {
  const td = platform.launchTd({ image: IMAGE, role: 'contracts', ...launch })
  return {
    quote: td.quote(REPORT_DATA),
    collateral: platform.collateral(),
    roots: [honest.root],
    now: NOW,
    hashes: native.hashes,
  }
}

/** Evidence of an SGX enclave on a platform. */
export function sgx(
  platform: DevPlatform = honest,
  launch: Partial<EnclaveLaunch> = {},
): DcapInput {
  const enclave = platform.launchEnclave({ ...ENCLAVE, ...launch })
  const collateral = platform.collateral({ tee: 'sgx' })
  return { ...tdx(platform), quote: enclave.quote(REPORT_DATA), collateral }
}

/** A copy with one byte changed. */
export function flipped(bytes: Uint8Array, at: number, bits = 1): Uint8Array {
  const copy = bytes.slice()
  copy[at] = (copy[at] ?? 0) ^ bits
  return copy
}

export function hex(text: string): Uint8Array {
  return unwrap(parseHex(text))
}

export interface RealBundle {
  readonly name: string
  readonly bundle: DcapBundle
  readonly input: DcapInput
}

/** The folder of real evidence; undefined where there is none, which is said aloud. */
export const evidenceFolder: string | undefined = findEvidence()

/** All listed bundles; none without evidence. */
export function loadBundles(): readonly RealBundle[] {
  if (evidenceFolder === undefined) return []
  return readEvidenceList().bundles.map((listed) => loadBundle(evidenceFolder, listed))
}

function loadBundle(folder: string, listed: Parameters<typeof readEvidence>[1]): RealBundle {
  const bundle = unwrap(parseBundle(readEvidence(folder, listed)))
  const { quote, collateral, verifyAt = 0, name = '' } = bundle
  const bytes = quote.type === 'bytes' ? quote.bytes : readListedFile(folder, quote.path)
  const roots = [INTEL_SGX_ROOT_CA]
  const input = { quote: bytes, collateral, roots, now: verifyAt, hashes: native.hashes }
  return { name, bundle, input }
}

/** Reads a listed file by its path and checks its hash. */
export function readListedFile(folder: string, path: string): Uint8Array {
  const file = readEvidenceList().files.find((listed) => listed.path === path)
  if (file === undefined) throw new Error(`not listed in vectors/evidence.json: ${path}`)
  return readEvidence(folder, file)
}
