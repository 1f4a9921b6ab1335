import { createCipheriv, createHash } from 'node:crypto'

import { bytesToHex, compareBytes, concatBytes, parseHex, parseUtf8, utf8 } from '@tacit/base'

import { GAS, LIMITS } from './limits.ts'
import { charge, chargeHostCall, RunEnded, type Run } from './run.ts'
import { boundText } from './text.ts'
import type { OutboxItem } from './types.ts'
import type { Request } from './wire.ts'

/** The answer to the guest: a value, nothing, or a refusal that the guest throws as a TypeError. */
type Answer = Uint8Array | undefined
type HostCall = (run: Run, request: Request, a: Uint8Array, b: Uint8Array) => Answer

const NOTHING = new Uint8Array()
const MAX_AMOUNT = 2n ** 128n - 1n

const READS: Readonly<Record<string, HostCall>> = {
  get: (run, request, key) => {
    const name = parseUtf8(key)
    if (name === undefined) return refuse('state key: not well-formed text')
    const value = readState(run, request, name)
    if (value === undefined) return undefined
    charge(run, GAS.byte * value.length)
    return answerWith(value)
  },
  keys: (run, request, prefix) => {
    const start = parseUtf8(prefix)
    if (start === undefined) return refuse('state prefix: not well-formed text')
    charge(run, GAS.listedEntry * (request.state.size + run.writes.size))
    const listed = utf8(JSON.stringify(listKeys(run, request, start)))
    charge(run, GAS.byte * listed.length)
    return answerWith(listed)
  },
  sha256: (run, _request, data) => sha256(run, data),
  sha256hex: (run, _request, hex) => {
    const data = parseHex(parseUtf8(hex) ?? '')
    return data.ok ? sha256(run, data.value) : refuse('sha256: not bytes')
  },
  random: (run, request, length) => {
    const count = Number(parseUtf8(length))
    if (!Number.isInteger(count) || count < 1 || count > LIMITS.randomBytes) {
      return refuse(`random: the length must be 1 to ${LIMITS.randomBytes}`)
    }
    charge(run, GAS.byte * count)
    return answerWith(utf8(bytesToHex(drawRandom(run, request.context.seed, count))))
  },
  fail: (_run, _request, code, message) => {
    const failCode = parseUtf8(code) ?? ''
    if (!/^[a-z][a-z0-9_]{0,63}$/.test(failCode)) {
      return refuse('fail code: must be 1 to 64 of a-z, 0-9 and _, starting with a letter')
    }
    throw new RunEnded({
      code: 'contract_failed',
      failCode,
      message: boundText(parseUtf8(message) ?? ''),
    })
  },
}

const EFFECTS: Readonly<Record<string, HostCall>> = {
  set: (run, request, key, value) => {
    const name = parseUtf8(key)
    if (name === undefined) return refuse('state key: not well-formed text')
    const tooLong =
      key.length < 1 || key.length > LIMITS.stateKeyBytes || value.length > LIMITS.stateValueBytes
    if (tooLong) throw new RunEnded({ code: 'state_limit' })
    writeState(run, request, name, value)
    return undefined
  },
  delete: (run, request, key) => {
    const name = parseUtf8(key)
    if (name === undefined) return refuse('state key: not well-formed text')
    if (readState(run, request, name) !== undefined) writeState(run, request, name, undefined)
    return undefined
  },
  emit: (run, _request, topic, data) => {
    const name = parseUtf8(topic)
    if (name === undefined || name === '') return refuse('event topic: not well-formed text')
    const tooLong = topic.length > LIMITS.topicBytes || data.length > LIMITS.eventBytes
    return addToOutbox(run, { type: 'event', topic: name, data }, tooLong)
  },
  transfer: (run, _request, to, digits) => {
    const receiver = parseHex(parseUtf8(to) ?? '')
    if (!receiver.ok || receiver.value.length !== 32) {
      return refuse('transfer: the receiver must be 32 bytes in hex')
    }
    const amount = parseAmount(parseUtf8(digits) ?? '')
    if (amount === undefined) return refuse('transfer: the amount must be 1 to 2^128 - 1')
    return addToOutbox(run, { type: 'transfer', to: receiver.value, amount }, false)
  },
}

/** Answers one host call of the guest in a run, charging for it. */
export function answerHostCall(run: Run, args: readonly Uint8Array[]): Answer {
  const [operation = NOTHING, a = NOTHING, b = NOTHING] = args
  chargeHostCall(run, a.length + b.length)
  const { request } = run
  if (request === undefined) return refuse('the host answers calls only, not code that loads')
  const name = parseUtf8(operation) ?? ''
  const call = READS[name] ?? (request.kind === 'query' ? undefined : EFFECTS[name])
  return call === undefined ? refuse('a query has no effects') : call(run, request, a, b)
}

/** Size of a state, as LIMITS.stateBytes counts. */
export function sizeOfState(state: ReadonlyMap<string, Uint8Array>): number {
  let size = 0
  for (const [key, value] of state) size += entrySize(key, value)
  return size
}

function entrySize(key: string, value: Uint8Array): number {
  return LIMITS.stateEntryBytes + Buffer.byteLength(key) + value.length
}

function readState(run: Run, request: Request, key: string): Uint8Array | undefined {
  return run.writes.has(key) ? run.writes.get(key) : request.state.get(key)
}

function writeState(run: Run, request: Request, key: string, value: Uint8Array | undefined): void {
  const before = readState(run, request, key)
  if (before !== undefined) run.stateBytes -= entrySize(key, before)
  if (value !== undefined) run.stateBytes += entrySize(key, value)
  if (run.stateBytes > LIMITS.stateBytes) throw new RunEnded({ code: 'state_limit' })
  // A key that came and went within the call leaves nothing to do.
  if (value === undefined && !request.state.has(key)) run.writes.delete(key)
  else run.writes.set(key, value)
}

function listKeys(run: Run, request: Request, prefix: string): string[] {
  const keys = new Set(request.state.keys())
  for (const [key, value] of run.writes) {
    if (value === undefined) keys.delete(key)
    else keys.add(key)
  }
  return [...keys]
    .filter((key) => key.startsWith(prefix))
    .map((key) => ({ key, order: utf8(key) }))
    .sort((a, b) => compareBytes(a.order, b.order))
    .map(({ key }) => key)
}

function addToOutbox(run: Run, item: OutboxItem, tooLong: boolean): undefined {
  const full = run.outbox.length >= LIMITS.outboxItems
  if (tooLong || full) throw new RunEnded({ code: 'outbox_limit' })
  run.outbox.push(item)
}

function parseAmount(digits: string): bigint | undefined {
  if (!/^[1-9][0-9]{0,38}$/.test(digits)) return undefined
  const amount = BigInt(digits)
  return amount <= MAX_AMOUNT ? amount : undefined
}

function sha256(run: Run, data: Uint8Array): Answer {
  charge(run, GAS.byte * data.length)
  if (data.length > LIMITS.hashBytes) return refuse('sha256: more than 1 MiB')
  return answerWith(utf8(createHash('sha256').update(data).digest('hex')))
}

/** The next bytes of the AES-256-CTR key stream whose key is the seed and whose counter began at 0. */
function drawRandom(run: Run, seed: Uint8Array, length: number): Uint8Array {
  run.randomness ??= createCipheriv('aes-256-ctr', seed, new Uint8Array(16))
  return run.randomness.update(new Uint8Array(length))
}

function answerWith(value: Uint8Array): Uint8Array {
  return concatBytes(utf8('='), value)
}

function refuse(why: string): Uint8Array {
  return utf8(`!${why}`)
}
