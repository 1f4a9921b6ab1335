import { generateKeyPairSync, sign, constants, type KeyObject } from 'node:crypto'
import { decideCollateral, decideRim, decideSnpIssuer, measurementId } from '@tacit/attestation'
import { concatBytes, unwrap, type Hash } from '@tacit/base'
import { keypairFromSeed, type SignatureCheck } from '@tacit/crypto'
import { native } from '@tacit/crypto/native'
import { verifyRegistration } from '../packages/runtime/src/pallets/attestation/verify.ts'
import { attestationCalls } from '../packages/runtime/src/pallets/attestation/calls.ts'
import { OPERATION_PS, type Weight } from '../packages/runtime/src/framework/weights.ts'
import {
  AMD,
  createAttestedAmdWorld,
  snpReporter,
} from '../packages/runtime/src/pallets/testing/amd.ts'
import {
  createGpuWorld,
  gpuReporter,
  GPUS,
  submitRims,
} from '../packages/runtime/src/pallets/testing/nvidia.ts'
import {
  CAROL,
  CHAIN,
  createAttestedWorld,
  createEnclave,
  createWorld,
  devPlatform,
  OPERATOR,
  START,
  type RegistrationChanges,
  type World,
} from '../packages/runtime/src/pallets/testing/world.ts'
import { workersCalls } from '../packages/runtime/src/pallets/workers/calls.ts'
import { gpuEvidenceHash, type CpuEvidence } from '../packages/runtime/src/protocol/evidence.ts'
import { median, type BenchCase, type BenchResult } from './result.ts'

const ROUNDS = 9
const BATCH_US = 150_000
const KEYS = 8
type Scheme = 'ed25519' | 'sr25519' | 'ecdsa' | 'p256' | 'p384' | 'rsa'

/**
 * What the chain's verification takes of this machine's CPU, beside what the rules charge for it.
 * Keys are imported and signatures decided anew each time, with no cache. `ratio.declared` is
 * measured time by declared weight: below 1 the rules charge enough.
 */
export async function benchWeights(): Promise<BenchResult> {
  const cases = [...schemeCases(), ...evidenceCases()]
  for (let round = 0; round < ROUNDS; round++) for (const one of cases) one.measure()
  return { bench: 'weights', cases: cases.map(describe) }
}

interface Measured {
  readonly name: string
  /** Nanoseconds, a figure for each measurement. */
  readonly figures: number[]
  readonly declaredNs: number
  measure(): unknown
}

function describe({ name, figures, declaredNs }: Measured): BenchCase {
  const ratios = figures.map((figure) => figure / declaredNs).toSorted((a, b) => a - b)
  const rounded = (value: number | undefined): number => Math.round((value ?? 0) * 1000) / 1000
  const ratio = [rounded(ratios[0]), rounded(median(ratios)), rounded(ratios.at(-1))] as const
  return { name, unit: 'ns', ours: Math.round(median(figures)), ratio: { declared: ratio } }
}

/**
 * Nanoseconds that one run takes of this thread's CPU, whatever other programs do meanwhile. The
 * clock of CPU time may tick in milliseconds: so many runs are measured together.
 */
function timed(verify: () => boolean): number {
  const from = process.threadCpuUsage()
  for (let runs = 1; ; runs++) {
    if (!verify()) throw new Error('the measured verification failed')
    const { user, system } = process.threadCpuUsage(from)
    if (user + system >= BATCH_US) return Math.round((1_000 * (user + system)) / runs)
  }
}

function schemeCases(): Measured[] {
  const schemes: readonly Scheme[] = ['ed25519', 'sr25519', 'ecdsa', 'p256', 'p384', 'rsa']
  return schemes.map((scheme) => {
    const checks = Array.from({ length: KEYS }, (_, at) => checkOf(scheme, at))
    const check = checkOf(scheme, KEYS)
    const figures: number[] = []
    return {
      name: `scheme/${scheme}`,
      figures,
      declaredNs: Number(OPERATION_PS[scheme]) / 1_000,
      measure: () => {
        let at = 0
        figures.push(timed(() => native.verify(checks[at++ % KEYS] ?? check)))
      },
    }
  })
}

const MESSAGE = new Uint8Array(640).fill(5)

function checkOf(scheme: Scheme, at: number): SignatureCheck {
  if (scheme === 'p256' || scheme === 'p384') return nistCheck(scheme)
  if (scheme === 'rsa') return rsaCheck()
  const seed = new Uint8Array(32).fill(at + 1)
  const pair = keypairFromSeed(scheme, seed)
  const signature = pair.sign(MESSAGE)
  return { scheme, publicKey: pair.publicKey, message: MESSAGE, signature }
}

function nistCheck(scheme: 'p256' | 'p384'): SignatureCheck {
  const namedCurve = scheme === 'p256' ? 'P-256' : 'P-384'
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve })
  const hash = scheme === 'p256' ? 'sha256' : 'sha384'
  const signature = sign(hash, MESSAGE, { key: privateKey, dsaEncoding: 'ieee-p1363' })
  const { x = '', y = '' } = publicKey.export({ format: 'jwk' })
  const bytes = concatBytes(fromBase64(x), fromBase64(y))
  return { scheme, publicKey: bytes, message: MESSAGE, signature: new Uint8Array(signature) }
}

function rsaCheck(): SignatureCheck {
  const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 4_096 })
  const signature = sign('sha384', MESSAGE, {
    key: privateKey,
    padding: constants.RSA_PKCS1_PSS_PADDING,
    saltLength: 48,
  })
  return {
    scheme: 'rsaPss',
    publicKey: modulusOf(publicKey),
    message: MESSAGE,
    signature: new Uint8Array(signature),
  }
}

function modulusOf(key: KeyObject): Uint8Array {
  return fromBase64(key.export({ format: 'jwk' }).n ?? '')
}

function fromBase64(text: string): Uint8Array {
  return new Uint8Array(Buffer.from(text, 'base64url'))
}

function evidenceCases(): Measured[] {
  const tdx = createAttestedWorld()
  const gpuWorld = createGpuWorld()
  const set = GPUS.launchSet()
  for (const device of [set[0], set.at(-1)]) if (device) submitRims(gpuWorld, device)
  const one = GPUS.launch()
  const stapled = set.flatMap((device) => device.ocspAll())
  const sgx = sgxWorld()
  return [
    registration('evidence/tdx', tdx, {}),
    registration('evidence/sgx', sgx.world, { cpu: sgx.cpu }),
    registration('evidence/snp', createAttestedAmdWorld(), { cpu: snpReporter(AMD) }),
    registration('evidence/tdx-gpu', gpuWorld, { gpus: gpuReporter([one], one.ocspAll()) }),
    registration('evidence/tdx-8-gpus-4-switches', gpuWorld, { gpus: gpuReporter(set, stapled) }),
    ...submissions(one.rims()[0] ?? new Uint8Array()),
  ]
}

/** What is left out is storage, which the rules charge by reads and writes. */
function submissions(rim: Uint8Array): Measured[] {
  const verify = (check: SignatureCheck): boolean => native.verify(check)
  const { hashes } = native
  const now = START
  const intel = devPlatform()
  const collateral = intel.collateral()
  const amd = AMD.collateral()
  return [
    submission('collateral/intel', 'submit_collateral', { collateral }, () =>
      decideCollateral({ collateral, roots: [intel.root], now }, verify),
    ),
    submission('collateral/amd', 'submit_amd_collateral', { collateral: amd }, () =>
      decideSnpIssuer({ collateral: amd, roots: [AMD.root], now }, verify),
    ),
    submission('collateral/rim', 'submit_rim', { document: rim }, () =>
      decideRim({ rim, roots: [GPUS.rimRoot], now, hashes }, verify),
    ),
  ]
}

/** An enclave that serves contracts, on a machine whose collateral is stored. */
function sgxWorld(): {
  readonly world: World
  readonly cpu: NonNullable<RegistrationChanges['cpu']>
} {
  const world = createWorld()
  const collateral = world.platform.collateral({ tee: 'sgx' })
  run(world, 'submit_collateral', { collateral })
  const mrEnclave = new Uint8Array(32).fill(1)
  const measured = { mrEnclave, mrSigner: mrEnclave, isvProdId: 1, isvSvn: 1 }
  const id = measurementId({ tee: 'sgx', ...measured }, native.hashes) as Hash
  const allowed = { role: { type: 'Contracts' }, measurement: id }
  const root = { type: 'Root' } as const
  unwrap(world.dispatch(root, 'Attestation', 'allow_measurement', { allowed }))
  const enclave = world.platform.launchEnclave(measured)
  const cpu = (reportData: Uint8Array): CpuEvidence => ({
    type: 'Dcap',
    value: { quote: enclave.quote(reportData) },
  })
  return { world, cpu }
}

function registration(name: string, world: World, changes: RegistrationChanges): Measured {
  const args = createEnclave('Contracts', 3).registration(world, changes)
  const { role, slot: index, evidence, endpoint: _, ...keys } = args
  const slot = { operator: OPERATOR, index }
  const gpuEvidence = evidence.gpu && gpuEvidenceHash(native.hashes, evidence.gpu)
  const binding = { genesis: CHAIN, role, slot, ...keys, gpuEvidence }
  const host = { verify: (check: SignatureCheck) => native.verify(check), log: () => {} }
  const context = { state: world.state, host, block: world.block }
  const figures: number[] = []
  return {
    name,
    figures,
    declaredNs: nanoseconds(workersCalls.register.weight(args)),
    measure: () => {
      figures.push(timed(() => verifyRegistration(context, evidence, binding).ok))
    },
  }
}

type Submission = 'submit_collateral' | 'submit_amd_collateral' | 'submit_rim'

function submission(
  name: string,
  call: Submission,
  args: object,
  verify: () => { readonly ok: boolean },
): Measured {
  const figures: number[] = []
  const declaredNs = nanoseconds(attestationCalls[call].weight(args as never))
  return { name, figures, declaredNs, measure: () => figures.push(timed(() => verify().ok)) }
}

function run(world: World, call: Submission, args: object): void {
  unwrap(world.signed(CAROL, 'Attestation', call, args))
}

function nanoseconds({ refTime }: Weight): number {
  return Number(refTime) / 1_000
}
