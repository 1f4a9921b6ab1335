import { decode, encode, err, InvariantError, ok, type Result } from '@tacit/base'

import { sizeOfState } from './host-calls.ts'
import { DEFAULT_MEMORY_BYTES, DEFAULT_STACK_BYTES, LIMITS } from './limits.ts'
import { SandboxProcess, type Exchange, type ProcessOptions } from './sandbox-process.ts'
import type {
  CallFailure,
  CallOutcome,
  SandboxCall,
  SandboxError,
  SandboxOptions,
} from './types.ts'
import { replyCodec, requestCodec } from './wire.ts'

/** A process that runs contract calls, one after another, each in fresh memory. */
export class Sandbox {
  readonly #options: ProcessOptions
  #process: SandboxProcess
  #queue: Promise<unknown> = Promise.resolve()
  #closed = false

  constructor(options: ProcessOptions, process: SandboxProcess) {
    this.#options = options
    this.#process = process
  }

  /** Id of the process that runs the calls now. */
  get pid(): number | undefined {
    return this.#process.pid
  }

  /**
   * Runs one call. The outcome is a function of everything in `request` but the deadline; calls
   * wait for their turn, and the deadline counts from there.
   * @throws InvariantError where a field is not of the length or range that SandboxCall states.
   */
  call(request: SandboxCall): Promise<Result<CallOutcome, SandboxError>> {
    assertShape(request)
    const turn = this.#queue.then(() => this.#run(request))
    this.#queue = turn
    return turn
  }

  /** Ends the process; a call that waits or comes later gets `sandbox_closed`. */
  async close(): Promise<void> {
    this.#closed = true
    await this.#process.stop()
    await this.#queue
    await this.#process.stop()
  }

  async #run(request: SandboxCall): Promise<Result<CallOutcome, SandboxError>> {
    const { gasLimit } = request
    const refused = refuse(request)
    if (refused !== undefined) return err({ ...refused, gasUsed: 0n })
    const exchange = await this.#exchange(request)
    // What a call that was cut off has used is unknown: its whole limit is owed.
    if (this.#closed) return err({ code: 'sandbox_closed', gasUsed: 0n })
    if (exchange.type === 'deadline') return err({ code: 'deadline_exceeded', gasUsed: gasLimit })
    if (exchange.type === 'gone') return err({ code: 'sandbox_crashed', gasUsed: gasLimit })
    const reply = decode(replyCodec, exchange.body)
    if (!reply.ok) {
      await this.#process.stop()
      return err({ code: 'sandbox_crashed', gasUsed: gasLimit })
    }
    if (reply.value.type === 'Done') return ok(reply.value.value)
    const { failure, gasUsed } = reply.value.value
    return err({ ...failure, gasUsed })
  }

  async #exchange(request: SandboxCall): Promise<Exchange> {
    if (this.#closed) return { type: 'gone' }
    if (!this.#process.alive) {
      const started = await SandboxProcess.start(this.#options)
      if (started === undefined) return { type: 'gone' }
      this.#process = started
    }
    return this.#process.exchange(encode(requestCodec, request), request.deadlineMs)
  }
}

/**
 * Starts a sandbox.
 * @returns a running sandbox; close() it, for its process keeps the program alive.
 * @throws InvariantError where no process can be started or an option is out of its range.
 */
export async function createSandbox(options: SandboxOptions = {}): Promise<Sandbox> {
  const memoryBytes = options.memoryBytes ?? DEFAULT_MEMORY_BYTES
  const stackBytes = options.maxStackBytes ?? DEFAULT_STACK_BYTES
  assertWithin('memoryBytes', memoryBytes, 4 * 1024 * 1024, 1024 * 1024 * 1024)
  assertWithin('maxStackBytes', stackBytes, 32 * 1024, DEFAULT_STACK_BYTES)
  const settled: ProcessOptions = { memoryBytes, stackBytes }
  const process = await SandboxProcess.start(settled)
  if (process === undefined) throw new InvariantError('the sandbox process does not start')
  return new Sandbox(settled, process)
}

function assertWithin(name: string, value: number, least: number, most: number): void {
  if (Number.isInteger(value) && value >= least && value <= most) return
  throw new InvariantError(`${name} must be an integer from ${least} to ${most}`)
}

function assertShape({ codeHash, context, gasLimit }: SandboxCall): void {
  const { caller, self, seed, height, timeMs, sequence, value } = context
  const sound =
    [codeHash, caller, self, seed].every((bytes) => bytes.length === 32) &&
    isWithin(BigInt(height), 32n) &&
    isWithin(BigInt(timeMs), 53n) &&
    isWithin(gasLimit, 53n) &&
    isWithin(sequence, 64n) &&
    isWithin(value, 128n)
  if (!sound) throw new InvariantError('a field of the sandbox call is out of its range')
}

function isWithin(value: bigint, bits: bigint): boolean {
  return value >= 0n && value < 1n << bits
}

/** What can be told from a request's sizes alone. */
function refuse(request: SandboxCall): CallFailure | undefined {
  if (request.code.length > LIMITS.codeBytes) {
    return { code: 'code_invalid', message: 'more than 512 KiB' }
  }
  if (Buffer.byteLength(request.method) > LIMITS.methodBytes) return { code: 'method_unknown' }
  if (request.input.length > LIMITS.inputBytes) return { code: 'input_invalid' }
  if (sizeOfState(request.state) > LIMITS.stateBytes) return { code: 'state_limit' }
  return undefined
}
