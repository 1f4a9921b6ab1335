import {
  compactU32,
  decode,
  encode,
  fixedBytes,
  mapped,
  struct,
  u64,
  unwrap,
  variant,
  vec,
  type CaseOf,
  type Codec,
} from '@tacit/base'
import { AUTHORITIES_KEY, MAX_AUTHORITIES, storedAuthorities, type Authority } from '@tacit/light'
import { defineErrors, type Errors } from '../../framework/errors.ts'
import { defineEvents, type Events } from '../../framework/events.ts'
import type { ChainClass } from '../../framework/genesis-spec.ts'
import type { State } from '../../framework/state.ts'
import {
  defineStorage,
  storageValue,
  type OptionalValue,
  type StorageValue,
} from '../../framework/storage.ts'

const authorityId = fixedBytes(32)

/** The authority set that justifies this state's block. */
export function readAuthorities(state: State): readonly Authority[] {
  const raw = state.get(AUTHORITIES_KEY)
  return raw ? unwrap(decode(storedAuthorities, raw), ':grandpa_authorities') : []
}

export function writeAuthorities(state: State, set: readonly Authority[]): void {
  state.set(AUTHORITIES_KEY, encode(storedAuthorities, set))
}

/** A fault that the engine proved: what, by whom, and in which block. */
export type Misbehaviour = {
  readonly offender: Uint8Array
  readonly kind: CaseOf<'DuplicateVote'> | CaseOf<'LightClientAttack'>
  readonly height: number
}

/** What the engine tells the chain about how a block came to be. */
export type Note = {
  /** Key of the authority that made the block. */
  readonly proposer: Uint8Array
  /** Keys of the authorities that did not vote for the last block, ascending. */
  readonly absent: readonly Uint8Array[]
  readonly misbehaviour: readonly Misbehaviour[]
}

const kind: Codec<Misbehaviour['kind']> = variant(
  { DuplicateVote: [0], LightClientAttack: [1] },
  { path: ['pallet_consensus', 'types', 'MisbehaviourKind'] },
)
const misbehaviourFields = { offender: authorityId, kind, height: compactU32 }
const misbehaviour: Codec<Misbehaviour> = struct(misbehaviourFields, {
  path: ['pallet_consensus', 'types', 'Misbehaviour'],
})

export const note: Codec<Note> = struct({
  proposer: authorityId,
  absent: vec(authorityId, MAX_AUTHORITIES),
  misbehaviour: vec(misbehaviour, MAX_AUTHORITIES),
})

const chainClass: Codec<ChainClass> = mapped(
  variant(
    { Development: [0], Production: [1] },
    { path: ['pallet_consensus', 'types', 'ChainClass'] },
  ),
  (value): ChainClass => (value.type === 'Production' ? 'production' : 'development'),
  (value) => ({ type: value === 'production' ? 'Production' : 'Development' }) as const,
)

export type ConsensusStorage = {
  CurrentSetId: StorageValue<bigint>
  ChainClass: OptionalValue<ChainClass>
  Proposer: OptionalValue<Uint8Array>
}

export const consensusStorage: ConsensusStorage = defineStorage('Consensus', {
  CurrentSetId: storageValue({
    value: u64,
    default: 0n,
    docs: ['Number of the authority set under ":grandpa_authorities".'],
  }),
  ChainClass: storageValue({
    value: chainClass,
    docs: ['Fixed at genesis: a production chain accepts no development evidence.'],
  }),
  Proposer: storageValue({ value: authorityId, docs: ['Who made the last block.'] }),
})

export const consensusEvents: Events<{ Misbehaved: Misbehaviour }> = defineEvents('Consensus', 2, {
  Misbehaved: [0, struct(misbehaviourFields), 'An authority was shown to have broken the rules.'],
})

export const consensusErrors: Errors<'UnknownAuthority' | 'NotAscending'> = defineErrors(
  'Consensus',
  2,
  {
    UnknownAuthority: [0, 'The note names a key that is not in the authority set.'],
    NotAscending: [1, 'The absent are not in ascending order.'],
  },
)
