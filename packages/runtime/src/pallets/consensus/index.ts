import { bytesToHex, compareBytes, err, InvariantError, ok, u32, type Result } from '@tacit/base'
import { MAX_AUTHORITIES } from '@tacit/light'
import { defineCalls, type Calls } from '../../framework/calls.ts'
import type { DispatchError } from '../../framework/dispatch-error.ts'
import type { GenesisSpec } from '../../framework/genesis-spec.ts'
import { ensureNone } from '../../framework/origin.ts'
import { constant, definePallet, type Pallet } from '../../framework/pallet.ts'
import type { State } from '../../framework/state.ts'
import { weigh } from '../../framework/weights.ts'
import {
  consensusErrors,
  consensusEvents,
  consensusStorage,
  note,
  readAuthorities,
  writeAuthorities,
  type Note,
} from './types.ts'

export const consensusCalls: Calls<{ note: Note }> = defineCalls({
  note: {
    index: 0,
    args: note,
    docs: ['Inherent: who made this block, who was absent at the last, and proved faults.'],
    class: 'Mandatory',
    weight: () => weigh({ reads: 1, writes: 1, bytes: 64 * MAX_AUTHORITIES }),
    dispatch(context, args) {
      const allowed = ensureNone(context.origin)
      if (!allowed.ok) return allowed
      const checked = checkNote(context.state, args)
      if (!checked.ok) return checked
      consensusStorage.Proposer.set(context.state, args.proposer)
      for (const fault of args.misbehaviour) context.deposit(consensusEvents.Misbehaved(fault))
      return ok()
    },
  },
})

function checkNote(state: State, { proposer, absent }: Note): Result<void, DispatchError> {
  const known = new Set(readAuthorities(state).map(({ id }) => bytesToHex(id)))
  // An offender may have left the set since; the engine has checked the evidence.
  const named = [proposer, ...absent]
  if (!named.every((id) => known.has(bytesToHex(id)))) return err(consensusErrors.UnknownAuthority)
  return ascending(absent) ? ok() : err(consensusErrors.NotAscending)
}

function ascending(keys: readonly Uint8Array[]): boolean {
  return keys.every((key, at) => {
    const before = keys[at - 1]
    return before === undefined || compareBytes(before, key) < 0
  })
}

function startWith(state: State, spec: GenesisSpec): void {
  const { authorities, chainClass } = spec
  const count = authorities.length
  if (count === 0 || count > MAX_AUTHORITIES) throw new InvariantError('genesis: authority count')
  if (!ascending(authorities.map(({ id }) => id)))
    throw new InvariantError('genesis: authorities are not ascending')
  writeAuthorities(state, authorities)
  consensusStorage.CurrentSetId.set(state, 0n)
  consensusStorage.ChainClass.set(state, chainClass)
}

export const consensusPallet: Pallet = definePallet({
  name: 'Consensus',
  index: 2,
  docs: ['Who seals blocks.'],
  storage: consensusStorage,
  calls: consensusCalls,
  events: consensusEvents,
  errors: consensusErrors,
  constants: { MaxAuthorities: constant(u32, MAX_AUTHORITIES, 'Size of the largest set.') },
  genesis: ({ state }, spec) => startWith(state, spec),
})
