import {
  decode,
  encode,
  err,
  ok,
  parseHex,
  toHex,
  vec,
  bytes,
  fixedBytes,
  hash256,
  type Codec,
  type Hash,
  type Result,
} from '@tacit/base'
import {
  grandpaJustification,
  headerCodec,
  type GrandpaJustification,
  type Header,
} from '@tacit/light'
import {
  commitPayload,
  evidence,
  registrationBinding,
  type CommitPayload,
  type Evidence,
  type RegistrationBinding,
} from '@tacit/runtime'
import { evidenceCollateral, type EvidenceCollateral } from './evidence-collateral.ts'

/** Everything that is needed to check, offline, what an enclave did and what it was paid. */
export type Receipt = {
  /** First header of the chain, and the proof of its authorities. */
  readonly genesis: { readonly header: Header; readonly proof: readonly Uint8Array[] }
  /** Justified headers, in order, that hand over to new authorities before the block. */
  readonly handovers: readonly JustifiedHeader[]
  /** The block that holds the commit. */
  readonly block: JustifiedHeader
  /** Trie nodes that prove the keys of receiptKeys() under the block's state root. */
  readonly proof: readonly Uint8Array[]
  readonly commit: { readonly payload: CommitPayload; readonly signature: Uint8Array }
  /** Which of the commit's commands the receipt is about. */
  readonly sequence: bigint
  /** How the instance was admitted: what its report data binds, its evidence, the vendor's documents. */
  readonly registration: {
    readonly binding: RegistrationBinding
    readonly evidence: Evidence
    readonly collateral: EvidenceCollateral
    /** Where the chain pins the root and allows the program; both follow from the evidence. */
    readonly rootFingerprint: Uint8Array
    readonly measurement: Hash
  }
  /** What the holder of the receipt discloses of the command; its salt makes hashes checkable. */
  readonly disclosed?: {
    readonly salt: Uint8Array
    readonly input?: Uint8Array
    readonly output?: Uint8Array
  }
}

export type JustifiedHeader = {
  readonly header: Header
  readonly justification: GrandpaJustification
}

/** The text is not a receipt; `field` is the first part that is not as it must be. */
export type ReceiptFormatError = { readonly code: 'receipt_malformed'; readonly field: string }

const FORMAT = 'tacit-receipt-v1'
/** Characters of a receipt; a registration's evidence takes about 60,000 of them. */
export const MAX_RECEIPT_CHARACTERS = 4_000_000
const MAX_PROOF_NODES = 4_096
const MAX_HANDOVERS = 1_024
const nodes: Codec<readonly Uint8Array[]> = vec(bytes, MAX_PROOF_NODES)

/** JSON with 0x-hex SCALE in its fields, readable enough to see what it is. */
export function receiptToJson(receipt: Receipt): string {
  const { genesis, block, commit, registration, disclosed } = receipt
  const optional = (value: Uint8Array | undefined): string | undefined => value && toHex(value)
  const json = {
    format: FORMAT,
    sequence: receipt.sequence.toString(),
    genesis: hexOf(headerCodec, genesis.header),
    genesisProof: hexOf(nodes, genesis.proof),
    handovers: receipt.handovers.map(justifiedToJson),
    block: justifiedToJson(block),
    proof: hexOf(nodes, receipt.proof),
    commit: hexOf(commitPayload, commit.payload),
    commitSignature: toHex(commit.signature),
    binding: hexOf(registrationBinding, registration.binding),
    evidence: hexOf(evidence, registration.evidence),
    collateral: hexOf(evidenceCollateral, registration.collateral),
    rootFingerprint: toHex(registration.rootFingerprint),
    measurement: toHex(registration.measurement),
    salt: optional(disclosed?.salt),
    input: optional(disclosed?.input),
    output: optional(disclosed?.output),
  }
  return `${JSON.stringify(json, undefined, 1)}\n`
}

/** Whether a JSON document says that it is a receipt. */
export function isReceiptJson(value: unknown): boolean {
  return typeof value === 'object' && value !== null && 'format' in value && value.format === FORMAT
}

/** Reads a receipt of at most MAX_RECEIPT_CHARACTERS. */
export function parseReceipt(text: string): Result<Receipt, ReceiptFormatError> {
  if (text.length > MAX_RECEIPT_CHARACTERS) return malformed('length')
  const json = parseObject(text)
  if (!json || json['format'] !== FORMAT) return malformed('format')
  const fault: { field?: string } = {}
  const read = createReader(json, (field) => (fault.field ??= field))
  const { handovers, salt, input, output } = json
  if (!Array.isArray(handovers) || handovers.length > MAX_HANDOVERS) return malformed('handovers')
  // What nobody checks must not stand in a receipt that verifies.
  const isShown = input !== undefined || output !== undefined
  if (isShown && salt === undefined) return malformed('salt')
  const receipt = readReceipt(read, handovers)
  return fault.field === undefined && receipt ? ok(receipt) : malformed(fault.field ?? 'format')
}

type Reader = {
  scale<T>(field: string, codec: Codec<T>): T | undefined
  bytes(field: string): Uint8Array | undefined
  maybe(field: string): Uint8Array | undefined
  child(field: string, value: unknown): Reader
  sequence(): bigint | undefined
  readonly object: Readonly<Record<string, unknown>>
}

function readReceipt(read: Reader, handovers: readonly unknown[]): Receipt | undefined {
  const header = read.scale('genesis', headerCodec)
  const genesisProof = read.scale('genesisProof', nodes)
  const chain = handovers.map((one, at) => readJustified(read.child(`handovers[${at}]`, one)))
  const block = readJustified(read.child('block', read.object['block']))
  const proof = read.scale('proof', nodes)
  const payload = read.scale('commit', commitPayload)
  const signature = read.bytes('commitSignature')
  const binding = read.scale('binding', registrationBinding)
  const given = read.scale('evidence', evidence)
  const collateral = read.scale('collateral', evidenceCollateral)
  const rootFingerprint = read.scale('rootFingerprint', fixedBytes(32))
  const measurement = read.scale('measurement', hash256)
  const sequence = read.sequence()
  if (!header || !genesisProof || !block || !proof || !payload || !signature) return undefined
  if (!binding || !given || !collateral || sequence === undefined) return undefined
  if (!rootFingerprint || !measurement) return undefined
  const salt = read.maybe('salt')
  const receipt = {
    genesis: { header, proof: genesisProof },
    handovers: chain.filter((one) => one !== undefined),
    block,
    proof,
    commit: { payload, signature },
    sequence,
    registration: { binding, evidence: given, collateral, rootFingerprint, measurement },
  }
  return salt ? { ...receipt, disclosed: { salt, ...readDisclosed(read) } } : receipt
}

function readDisclosed(read: Reader): { input?: Uint8Array; output?: Uint8Array } {
  const input = read.maybe('input')
  const output = read.maybe('output')
  return { ...(input ? { input } : {}), ...(output ? { output } : {}) }
}

function readJustified(read: Reader): JustifiedHeader | undefined {
  const header = read.scale('header', headerCodec)
  const justification = read.scale('justification', grandpaJustification)
  return header && justification ? { header, justification } : undefined
}

function createReader(
  object: Readonly<Record<string, unknown>>,
  fail: (field: string) => void,
): Reader {
  const maybe = (field: string): Uint8Array | undefined => {
    const value = object[field]
    if (value === undefined) return undefined
    const parsed = typeof value === 'string' ? parseHex(value) : undefined
    if (parsed?.ok) return parsed.value
    fail(field)
    return undefined
  }
  const required = (field: string): Uint8Array | undefined => {
    if (object[field] === undefined) fail(field)
    return maybe(field)
  }
  return {
    object,
    maybe,
    bytes: required,
    scale(field, codec) {
      const raw = required(field)
      const value = raw && decode(codec, raw)
      if (value && !value.ok) fail(field)
      return value?.ok ? value.value : undefined
    },
    child: (field, value) =>
      createReader(isObject(value) ? value : {}, (inner) => fail(`${field}.${inner}`)),
    sequence() {
      const text = object['sequence']
      if (typeof text === 'string' && /^\d{1,20}$/.test(text)) return BigInt(text)
      fail('sequence')
      return undefined
    },
  }
}

function parseObject(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(text)
    return isObject(value) ? value : undefined
  } catch {
    return undefined
  }
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function justifiedToJson(one: JustifiedHeader): { header: string; justification: string } {
  return {
    header: hexOf(headerCodec, one.header),
    justification: hexOf(grandpaJustification, one.justification),
  }
}

function hexOf<T>(codec: Codec<T>, value: T): string {
  return toHex(encode(codec, value))
}

function malformed(field: string): Result<never, ReceiptFormatError> {
  return err({ code: 'receipt_malformed', field })
}
