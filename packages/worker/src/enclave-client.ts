import {
  decode,
  encode,
  err,
  ok,
  parseHex,
  toHex,
  type AccountId,
  type Codec,
  type Result,
} from '@tacit/base'
import type { Json, JsonObject, Peer, WireError } from '@tacit/enclave/channel'
import { isJsonObject } from '@tacit/enclave/channel'
import {
  commitPayload,
  cpuEvidence,
  evidence,
  grant,
  inboxKeyNote,
  keyGroup,
  registrationBinding,
  releaseBinding,
  type CommitPayload,
  type Evidence,
  type InboxKeyNote,
  type KeyGroup,
  type RegistrationBinding,
} from '@tacit/runtime'
import type { GrantRequest, SignedGrant } from './release-wire.ts'

type Answer<T> = Promise<Result<T, WireError>>
type Signed<Name extends string, T> = { readonly [K in Name]: T } & {
  readonly signature: Uint8Array
}

export interface Identity {
  readonly signingKey: Uint8Array
  readonly chainClass: string
}

/** The enclave's methods with their values instead of hex. */
export interface EnclaveClient {
  start(genesisHash: Uint8Array, header: Uint8Array, proof: readonly Uint8Array[]): Answer<Identity>
  advance(header: Uint8Array, justification: Uint8Array): Answer<number>
  register(
    operator: AccountId,
    index: number,
  ): Answer<{ readonly binding: RegistrationBinding; readonly evidence: Evidence }>
  group(): Answer<Signed<'group', KeyGroup>>
  nonce(): Answer<Uint8Array>
  grant(request: GrantRequest): Answer<SignedGrant>
  collect(ephemeralKey: Uint8Array): Answer<Uint8Array>
  releaseRequest(contract: AccountId, epoch: number, nonce: Uint8Array): Answer<GrantRequest>
  releaseFinish(
    ephemeralKey: Uint8Array,
    sealed: Uint8Array,
  ): Answer<{ readonly needed: number } | Signed<'note', InboxKeyNote>>
  step(
    contract: AccountId,
  ): Answer<(Signed<'payload', CommitPayload> & { readonly blob: Uint8Array }) | undefined>
  session(hello: Uint8Array): Answer<Uint8Array>
  frame(frame: Uint8Array): Answer<Uint8Array>
}

export function createEnclaveClient(peer: Pick<Peer, 'request'>): EnclaveClient {
  return new ChannelClient(peer)
}

class ChannelClient implements EnclaveClient {
  readonly #peer: Pick<Peer, 'request'>

  constructor(peer: Pick<Peer, 'request'>) {
    this.#peer = peer
  }

  start(
    genesisHash: Uint8Array,
    header: Uint8Array,
    proof: readonly Uint8Array[],
  ): Answer<Identity> {
    const params = {
      genesisHash: toHex(genesisHash),
      header: toHex(header),
      proof: proof.map(toHex),
    }
    return this.#ask('start', params, ({ bytes, text }) => ({
      signingKey: bytes('signingKey'),
      chainClass: text('chainClass'),
    }))
  }

  advance(header: Uint8Array, justification: Uint8Array): Answer<number> {
    const params = { header: toHex(header), justification: toHex(justification) }
    return this.#ask('advance', params, ({ number }) => number('number'))
  }

  register(operator: AccountId, index: number): ReturnType<EnclaveClient['register']> {
    return this.#ask('register', { operator: toHex(operator), index }, ({ value }) => ({
      binding: value('binding', registrationBinding),
      evidence: value('evidence', evidence),
    }))
  }

  group(): ReturnType<EnclaveClient['group']> {
    return this.#ask('group', {}, ({ value, bytes }) => ({
      group: value('group', keyGroup),
      signature: bytes('signature'),
    }))
  }

  nonce(): Answer<Uint8Array> {
    return this.#ask('nonce', {}, ({ bytes }) => bytes('nonce'))
  }

  grant(request: GrantRequest): Answer<SignedGrant> {
    const params = {
      binding: toHex(encode(releaseBinding, request.binding)),
      evidence: toHex(encode(cpuEvidence, request.evidence)),
    }
    return this.#ask('grant', params, ({ value, bytes }) => ({
      grant: value('grant', grant),
      signature: bytes('signature'),
    }))
  }

  collect(ephemeralKey: Uint8Array): Answer<Uint8Array> {
    const params = { ephemeralKey: toHex(ephemeralKey) }
    return this.#ask('collect', params, ({ bytes }) => bytes('sealed'))
  }

  releaseRequest(contract: AccountId, epoch: number, nonce: Uint8Array): Answer<GrantRequest> {
    const params = { contract: toHex(contract), epoch, nonce: toHex(nonce) }
    return this.#ask('releaseRequest', params, ({ value }) => ({
      binding: value('binding', releaseBinding),
      evidence: value('evidence', cpuEvidence),
    }))
  }

  releaseFinish(
    ephemeralKey: Uint8Array,
    sealed: Uint8Array,
  ): ReturnType<EnclaveClient['releaseFinish']> {
    const params = { ephemeralKey: toHex(ephemeralKey), sealed: toHex(sealed) }
    return this.#ask('releaseFinish', params, ({ number, value, bytes }) => {
      const needed = number('needed')
      if (needed > 0) return { needed }
      return { note: value('note', inboxKeyNote), signature: bytes('signature') }
    })
  }

  step(contract: AccountId): ReturnType<EnclaveClient['step']> {
    return this.#ask('step', { contract: toHex(contract) }, ({ has, value, bytes }) => {
      if (!has('commit')) return undefined
      const payload = value('commit', commitPayload)
      return { payload, signature: bytes('signature'), blob: bytes('blob') }
    })
  }

  session(hello: Uint8Array): Answer<Uint8Array> {
    return this.#ask('session', { hello: toHex(hello) }, ({ bytes }) => bytes('answer'))
  }

  frame(frame: Uint8Array): Answer<Uint8Array> {
    return this.#ask('frame', { frame: toHex(frame) }, ({ bytes }) => bytes('frame'))
  }

  async #ask<T>(
    method: string,
    params: Json,
    read: (fields: Fields) => T,
  ): Promise<Result<T, WireError>> {
    const answer = await this.#peer.request(method, params)
    if (!answer.ok) return answer
    try {
      return ok(read(fieldsOf(answer.value)))
    } catch (fault) {
      if (!(fault instanceof MalformedAnswer)) throw fault
      return err({ code: 'answer_malformed', method })
    }
  }
}

/** Leaves a reader of an answer; caught by ask() alone. */
class MalformedAnswer extends Error {}

interface Fields {
  readonly has: (name: string) => boolean
  readonly text: (name: string) => string
  readonly number: (name: string) => number
  readonly bytes: (name: string) => Uint8Array
  readonly value: <T>(name: string, codec: Codec<T>) => T
}

function fieldsOf(answer: Json): Fields {
  const object: JsonObject = isJsonObject(answer) ? answer : {}
  const text = (name: string): string => {
    const found = object[name]
    if (typeof found !== 'string') throw new MalformedAnswer(name)
    return found
  }
  const bytes = (name: string): Uint8Array => {
    const parsed = parseHex(text(name))
    if (!parsed.ok) throw new MalformedAnswer(name)
    return parsed.value
  }
  return {
    has: (name) => object[name] !== null && object[name] !== undefined,
    text,
    bytes,
    number(name) {
      const found = object[name]
      if (typeof found !== 'number') throw new MalformedAnswer(name)
      return found
    },
    value(name, codec) {
      const decoded = decode(codec, bytes(name))
      if (!decoded.ok) throw new MalformedAnswer(name)
      return decoded.value
    },
  }
}
