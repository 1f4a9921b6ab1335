import { bytesToHex, parseUtf8, toHex, utf8 } from '@tacit/base'

import { Engine, OutOfMemory, type Pointer, type Snapshot } from './engine.ts'
import { answerHostCall, sizeOfState } from './host-calls.ts'
import { GAS, LIMITS, LOAD_GAS_LIMIT } from './limits.ts'
import { charge, gasUsed, RunEnded, startRun, type Run } from './run.ts'
import { boundText } from './text.ts'
import type { ContractFailure, Reply, Request } from './wire.ts'

/** A bundle, loaded, ready for any number of calls. */
interface Loaded {
  readonly snapshot: Snapshot
  readonly gas: number
}

export interface InterpreterOptions {
  readonly quickJs: WebAssembly.Module
  /** Text of guest.js. */
  readonly guest: Uint8Array
  readonly memoryBytes: number
  readonly stackBytes: number
}

/** Linear memory that kept snapshots may take; the least recently used goes first. */
const CACHE_BYTES = 128 * 1024 * 1024

/** Runs calls one at a time, each from the snapshot of its bundle. */
export class Interpreter {
  readonly #engine: Engine
  readonly #empty: Snapshot
  readonly #entry: Pointer
  readonly #loaded = new Map<string, Loaded>()
  #run: Run = startRun(undefined, LOAD_GAS_LIMIT)

  constructor({ quickJs, guest, memoryBytes, stackBytes }: InterpreterOptions) {
    this.#engine = new Engine(quickJs, {
      interrupt: () => {
        charge(this.#run, GAS.interrupt)
        return false
      },
      answer: (args) => answerHostCall(this.#run, args),
      timeMs: () => this.#run.request?.context.timeMs ?? 0,
    })
    this.#engine.boot(memoryBytes, stackBytes)
    this.#entry = this.#installGuest(guest)
    this.#empty = this.#engine.snapshot()
  }

  /** Total: whatever the contract does ends in a reply. A throw is a fault of the engine. */
  call(request: Request): Reply {
    let run = this.#begin(undefined, Math.min(LOAD_GAS_LIMIT, Number(request.gasLimit)))
    try {
      const loaded = this.#load(request, run)
      run = this.#begin(request, Number(request.gasLimit))
      charge(run, loaded.gas)
      this.#engine.restore(loaded.snapshot)
      return this.#perform(request, run)
    } catch (ended) {
      return { type: 'Failed', value: { failure: failureOf(ended), gasUsed: gasUsed(run) } }
    }
  }

  #begin(request: Request | undefined, gasLimit: number): Run {
    this.#run = startRun(request, gasLimit)
    return this.#run
  }

  #installGuest(guest: Uint8Array): Pointer {
    const install = this.#engine.evaluate(guest, 'guest.js')
    if (install === undefined) throw new OutOfMemory()
    const entry = this.#engine.call(install, [this.#engine.hostFunction()])
    if (entry === undefined) throw new OutOfMemory()
    return entry
  }

  #load(request: Request, run: Run): Loaded {
    const key = bytesToHex(request.codeHash)
    const kept = this.#loaded.get(key)
    // Reinserting keeps the map in the order of use.
    if (kept !== undefined) this.#loaded.delete(key)
    const loaded = kept ?? this.#loadAnew(request.code, run)
    this.#loaded.set(key, loaded)
    this.#trimCache()
    return loaded
  }

  #loadAnew(code: Uint8Array, run: Run): Loaded {
    const engine = this.#engine
    charge(run, GAS.call + GAS.codeByte * code.length)
    engine.restore(this.#empty)
    if (parseUtf8(code) === undefined) refuseCode('not UTF-8')
    if (engine.evaluate(code, 'contract.js') === undefined) refuseCode('it throws while it loads')
    this.#runJobs(run)
    const answer = this.#enter('load', [])
    const [word, why] = splitAnswer(answer === undefined ? undefined : engine.readString(answer))
    if (word !== 'loaded') refuseCode(why)
    return { snapshot: engine.snapshot(), gas: run.gas }
  }

  #trimCache(): void {
    let held = 0
    for (const { snapshot } of this.#loaded.values()) held += snapshot.memory.length
    for (const [key, { snapshot }] of this.#loaded) {
      if (held <= CACHE_BYTES || this.#loaded.size === 1) return
      this.#loaded.delete(key)
      held -= snapshot.memory.length
    }
  }

  #perform(request: Request, run: Run): Reply {
    run.stateBytes = sizeOfState(request.state)
    if (run.stateBytes > LIMITS.stateBytes) throw new RunEnded({ code: 'state_limit' })
    charge(run, GAS.byte * request.input.length)
    if (parseUtf8(request.input) === undefined) throw new RunEnded({ code: 'input_invalid' })
    const output = this.#output(request, run)
    charge(run, GAS.byte * output.length)
    const { writes, outbox } = run
    return { type: 'Done', value: { output, gasUsed: gasUsed(run), writes, outbox } }
  }

  #output(request: Request, run: Run): Uint8Array {
    const { kind, method, input } = request
    const answer = this.#enter('call', [
      utf8(kind),
      utf8(method),
      input,
      utf8(JSON.stringify(describeWorld(request))),
    ])
    if (answer === undefined) throw new OutOfMemory()
    while (this.#engine.promiseState(answer) === 'pending') {
      const ran = this.#runJob(run)
      if (!ran) throw new RunEnded({ code: 'output_invalid', reason: 'unsettled' })
    }
    return readAnswer(this.#engine.readString(this.#engine.promiseResult(answer)))
  }

  #enter(operation: string, args: readonly Uint8Array[]): Pointer | undefined {
    const engine = this.#engine
    const values = [utf8(operation), ...args].map((arg) => engine.string(arg))
    return engine.call(this.#entry, values)
  }

  #runJobs(run: Run): void {
    while (this.#runJob(run));
  }

  #runJob(run: Run): boolean {
    charge(run, GAS.job)
    return this.#engine.runJob()
  }
}

function describeWorld({ context }: Request): unknown {
  return {
    caller: toHex(context.caller),
    self: toHex(context.self),
    height: context.height,
    timeMs: context.timeMs,
    sequence: context.sequence.toString(),
    value: context.value.toString(),
  }
}

/** Splits the guest's answer at the first colon. */
function splitAnswer(answer: Uint8Array | undefined): readonly [word: string, rest: string] {
  const text = answer === undefined ? undefined : parseUtf8(answer)
  if (text === undefined) return ['', '']
  const at = text.indexOf(':')
  return at < 0 ? [text, ''] : [text.slice(0, at), text.slice(at + 1)]
}

const DONE = utf8('done:')

function readAnswer(answer: Uint8Array | undefined): Uint8Array {
  const [word, rest] = splitAnswer(answer)
  switch (word) {
    case 'done': {
      const output = answer?.subarray(DONE.length) ?? DONE
      if (output.length <= LIMITS.outputBytes) return output
      throw new RunEnded({ code: 'output_invalid', reason: 'too_large' })
    }
    case 'threw':
      throw new RunEnded({ code: 'contract_threw', message: boundText(rest) })
    case 'method':
      throw new RunEnded({ code: 'method_unknown' })
    case 'input':
      throw new RunEnded({ code: 'input_invalid' })
    case 'output':
      throw new RunEnded({ code: 'output_invalid', reason: 'not_json' })
    default:
      // The guest's own code throws only where QuickJS cannot allocate for it.
      throw new OutOfMemory()
  }
}

function refuseCode(message: string): never {
  throw new RunEnded({ code: 'code_invalid', message: boundText(message) })
}

function failureOf(ended: unknown): ContractFailure {
  if (ended instanceof RunEnded) return ended.failure
  if (ended instanceof OutOfMemory) return { code: 'out_of_memory' }
  throw ended
}
