import { decode, equalBytes, type Codec, type Hash } from '@tacit/base'
import type { CryptoProvider } from '@tacit/crypto'
import {
  advance,
  grandpaJustification,
  handsOver,
  headerCodec,
  headerHash,
  startFromCheckpoint,
  type AuthoritySet,
  type Header,
  type LightState,
} from '@tacit/light'
import {
  blockRecord,
  genesisRecord,
  handoverRecord,
  KIND,
  type GenesisRecord,
  type JustifiedRecord,
  type Kind,
} from './format.ts'
import { StateFileFault, type RawRecord } from './read-records.ts'

/** A header whose bytes came to the block's hash or were signed for. */
export type KnownHeader = { readonly header: Header; readonly bytes: Uint8Array }

export type KnownBlock = KnownHeader & { readonly justification: Uint8Array }

/** What the head of a file proves to somebody who trusts a genesis hash. */
export type Proofs = {
  readonly genesis: GenesisRecord
  readonly handovers: readonly KnownBlock[]
  readonly block: KnownBlock
  /** The blocks before it, the newest last. */
  readonly ancestors: readonly KnownHeader[]
  /** Behind the block. */
  readonly light: LightState
  /** The set that made the block final. */
  readonly signers: AuthoritySet
}

/** Records, one after the other; the end of the file is a fault. */
export type RecordSource = { next(): Promise<RawRecord> }

type Crypto = Pick<CryptoProvider, 'hashes' | 'verify'>

/** Follows the chain of a file as a light client does, up to the block whose entries come next. */
export async function takeProofs(
  records: RecordSource,
  trusted: Hash,
  crypto: Crypto,
): Promise<Proofs> {
  const genesis = parse(genesisRecord, await records.next(), KIND.genesis)
  let light = startLight(genesis, trusted, crypto)
  const handovers: KnownBlock[] = []
  let record = await records.next()
  for (; record.kind === KIND.handover; record = await records.next()) {
    const handover = toKnown(parse(handoverRecord, record, KIND.handover))
    if (!handsOver(handover.header)) throw malformed('a handover that hands nothing over')
    light = follow(light, handover, crypto)
    handovers.push(handover)
  }
  const stated = parse(blockRecord, record, KIND.block)
  const block = toKnown(stated)
  const signers = light.set
  light = follow(light, block, crypto)
  const ancestors = linkAncestors(block.header, stated.ancestors, crypto)
  return { genesis, handovers, block, ancestors, light, signers }
}

function startLight({ header, proof }: GenesisRecord, trusted: Hash, crypto: Crypto): LightState {
  const checkpoint = { header: parseHeader(header), proof }
  const started = startFromCheckpoint(trusted, checkpoint, crypto)
  if (started.ok) return started.value
  throw new StateFileFault({ code: 'state_file_genesis', reason: started.error.code })
}

function follow(light: LightState, block: KnownBlock, crypto: Crypto): LightState {
  const { number } = block.header
  const justification = decode(grandpaJustification, block.justification)
  if (!justification.ok)
    throw new StateFileFault({
      code: 'state_file_not_justified',
      number,
      reason: 'justification_malformed',
    })
  const next = advance(light, block.header, justification.value, crypto)
  if (next.ok) return next.value
  throw new StateFileFault({ code: 'state_file_not_justified', number, reason: next.error.code })
}

/** Each header must be the parent of the one behind it. */
function linkAncestors(
  block: Header,
  ancestors: readonly Uint8Array[],
  { hashes }: Crypto,
): readonly KnownHeader[] {
  const linked: KnownHeader[] = []
  let child = block
  for (const bytes of ancestors.toReversed()) {
    const header = parseHeader(bytes)
    const isParent = equalBytes(headerHash(hashes, header), child.parentHash)
    if (!isParent || header.number !== child.number - 1 || header.number === 0)
      throw malformed('an ancestor that is not the parent of the block behind it')
    linked.unshift({ header, bytes })
    child = header
  }
  return linked
}

function toKnown({ header: bytes, justification }: JustifiedRecord): KnownBlock {
  return { header: parseHeader(bytes), bytes, justification }
}

function parseHeader(bytes: Uint8Array): Header {
  const header = decode(headerCodec, bytes)
  if (header.ok) return header.value
  throw malformed('a header cannot be read')
}

/** The payload of a record of this kind. */
export function parse<T>(codec: Codec<T>, record: RawRecord, kind: Kind): T {
  if (record.kind !== kind) throw malformed(`a record of kind ${record.kind}, not ${kind}`)
  const value = decode(codec, record.payload)
  if (value.ok) return value.value
  throw malformed(`a record of kind ${kind} cannot be read`)
}

export function malformed(reason: string): StateFileFault {
  return new StateFileFault({ code: 'state_file_malformed', reason })
}
