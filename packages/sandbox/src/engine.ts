/** Leaves the engine when QuickJS cannot allocate what the host wants to hand over. */
export class OutOfMemory {
  readonly code = 'out_of_memory'
}

/** What the engine asks of its owner while guest code runs. */
export interface EngineHooks {
  /** Called after every 10,000 backward jumps and calls; true ends the execution. */
  interrupt(): boolean
  /** Answers a host call; undefined becomes JavaScript's undefined. */
  answer(args: readonly Uint8Array[]): Uint8Array | undefined
  /** What the guest's clock shows, Unix milliseconds. */
  timeMs(): number
}

/** Everything that a QuickJS is: its linear memory and the pointers into it. */
export interface Snapshot {
  readonly memory: Uint8Array
  readonly stackPointer: number
  readonly runtime: number
  readonly context: number
}

/** A JavaScript value's place in the linear memory. */
export type Pointer = number

const STACK_POINTER = '__stack_pointer'
const INITIALIZE = '_initialize'

interface QuickJs {
  readonly memory: WebAssembly.Memory
  readonly [STACK_POINTER]: WebAssembly.Global<'i32'>
  [INITIALIZE](): void
  wasm_malloc(length: number): number
  wasm_free(at: number): void
  qjs_init2(intrinsics: number): number
  qjs_set_memory_limit(bytes: number): void
  qjs_set_max_stack_size(bytes: number): void
  qjs_set_interrupt_handler(enabled: number): void
  qjs_get_runtime_ptr(): number
  qjs_get_context_ptr(): number
  qjs_set_runtime_and_context(runtime: number, context: number): void
  qjs_eval(code: number, length: number, file: number, flags: number): Pointer
  qjs_call(callee: Pointer, self: Pointer, count: number, args: number): Pointer
  qjs_new_string(at: number, length: number): Pointer
  qjs_new_host_function(name: number, length: number, flags: number): Pointer
  qjs_get_undefined(): Pointer
  qjs_is_string(value: Pointer): number
  qjs_is_exception(value: Pointer): number
  qjs_is_promise(value: Pointer): number
  qjs_get_string_len(value: Pointer, lengthAt: number): number
  qjs_free_cstring(at: number): void
  qjs_free_value(value: Pointer): void
  qjs_get_exception(): Pointer
  qjs_promise_state(promise: Pointer): number
  qjs_promise_result(promise: Pointer): Pointer
  qjs_is_job_pending(): number
  qjs_execute_pending_job(): number
}

/**
 * All of QuickJS but weak references, whose effects depend on garbage collection, and
 * performance.now. Bits from quickjs-wasi 3.6.2, `Intrinsics`.
 */
const INTRINSICS = ~(512 | 1024)

const PROMISE_STATES = ['pending', 'fulfilled', 'rejected'] as const
export type PromiseState = (typeof PROMISE_STATES)[number]

/**
 * One QuickJS in WebAssembly, over the C interface of quickjs-wasi 3.6.2. Values made for a call
 * are not freed one by one: the next restore takes them all.
 */
export class Engine {
  readonly #module: WebAssembly.Module
  readonly #hooks: EngineHooks
  #wasm: QuickJs

  constructor(module: WebAssembly.Module, hooks: EngineHooks) {
    this.#module = module
    this.#hooks = hooks
    this.#wasm = this.#instantiate()
  }

  /** Starts the runtime of a new engine; before anything else and once. */
  boot(memoryBytes: number, stackBytes: number): void {
    const wasm = this.#wasm
    wasm[INITIALIZE]()
    if (wasm.qjs_init2(INTRINSICS) !== 0) throw new OutOfMemory()
    wasm.qjs_set_memory_limit(memoryBytes)
    wasm.qjs_set_max_stack_size(stackBytes)
    wasm.qjs_set_interrupt_handler(1)
  }

  snapshot(): Snapshot {
    const wasm = this.#wasm
    return {
      memory: new Uint8Array(wasm.memory.buffer).slice(),
      stackPointer: wasm[STACK_POINTER].value,
      runtime: wasm.qjs_get_runtime_ptr(),
      context: wasm.qjs_get_context_ptr(),
    }
  }

  /** Puts a snapshot's memory in place of the present one, which leaves no trace. */
  restore(from: Snapshot): void {
    const grown = this.#wasm.memory.buffer.byteLength - from.memory.length
    // Linear memory cannot shrink, and its size is visible to the allocator.
    if (grown > 0) this.#wasm = this.#instantiate()
    const wasm = this.#wasm
    const missing = from.memory.length - wasm.memory.buffer.byteLength
    if (missing > 0) wasm.memory.grow(missing / 65_536)
    new Uint8Array(wasm.memory.buffer).set(from.memory)
    wasm[STACK_POINTER].value = from.stackPointer
    wasm.qjs_set_runtime_and_context(from.runtime, from.context)
  }

  /** Runs a script; undefined where it throws. */
  evaluate(source: Uint8Array, name: string): Pointer | undefined {
    const wasm = this.#wasm
    const file = this.#write(encoder.encode(`${name}\0`))
    const code = this.#write(source)
    const value = wasm.qjs_eval(code, source.length, file, 0)
    wasm.wasm_free(code)
    wasm.wasm_free(file)
    return this.#unlessThrown(value)
  }

  /** Calls a function; undefined where it throws. */
  call(callee: Pointer, args: readonly Pointer[]): Pointer | undefined {
    const wasm = this.#wasm
    const list = this.#allocate(4 * args.length)
    const view = new DataView(wasm.memory.buffer)
    args.forEach((arg, at) => view.setUint32(list + 4 * at, arg, true))
    return this.#unlessThrown(wasm.qjs_call(callee, wasm.qjs_get_undefined(), args.length, list))
  }

  hostFunction(): Pointer {
    const name = this.#write(encoder.encode('host\0'))
    return this.#wasm.qjs_new_host_function(name, 4, 0)
  }

  string(utf8: Uint8Array): Pointer {
    const wasm = this.#wasm
    const at = this.#write(utf8)
    const value = wasm.qjs_new_string(at, utf8.length)
    wasm.wasm_free(at)
    if (wasm.qjs_is_exception(value) !== 0) throw new OutOfMemory()
    return value
  }

  /** A copy of a string's UTF-8; undefined for any other value, which is not converted. */
  readString(value: Pointer): Uint8Array | undefined {
    const wasm = this.#wasm
    if (wasm.qjs_is_string(value) === 0) return undefined
    const lengthAt = this.#allocate(4)
    const at = wasm.qjs_get_string_len(value, lengthAt)
    if (at === 0) throw new OutOfMemory()
    const length = new DataView(wasm.memory.buffer).getUint32(lengthAt, true)
    wasm.wasm_free(lengthAt)
    const copy = new Uint8Array(wasm.memory.buffer, at, length).slice()
    wasm.qjs_free_cstring(at)
    return copy
  }

  /** Runs the next promise reaction; false where none waits. */
  runJob(): boolean {
    const wasm = this.#wasm
    if (wasm.qjs_is_job_pending() === 0) return false
    if (wasm.qjs_execute_pending_job() < 0) wasm.qjs_free_value(wasm.qjs_get_exception())
    return true
  }

  /** The state of a promise; any other value counts as fulfilled. */
  promiseState(value: Pointer): PromiseState {
    const wasm = this.#wasm
    if (wasm.qjs_is_promise(value) === 0) return 'fulfilled'
    return PROMISE_STATES[wasm.qjs_promise_state(value)] ?? 'rejected'
  }

  /** What a promise settled with; any other value itself. */
  promiseResult(value: Pointer): Pointer {
    const wasm = this.#wasm
    return wasm.qjs_is_promise(value) === 0 ? value : wasm.qjs_promise_result(value)
  }

  #unlessThrown(value: Pointer): Pointer | undefined {
    const wasm = this.#wasm
    if (wasm.qjs_is_exception(value) === 0) return value
    wasm.qjs_free_value(wasm.qjs_get_exception())
    return undefined
  }

  #allocate(length: number): number {
    const at = this.#wasm.wasm_malloc(length)
    if (at === 0) throw new OutOfMemory()
    return at
  }

  #write(bytes: Uint8Array): number {
    // QuickJS wants a zero behind a script, and reading one behind any string does no harm.
    const at = this.#allocate(bytes.length + 1)
    const memory = new Uint8Array(this.#wasm.memory.buffer)
    memory.set(bytes, at)
    memory[at + bytes.length] = 0
    return at
  }

  #instantiate(): QuickJs {
    const view = (): DataView => new DataView(this.#wasm.memory.buffer)
    const refuse = (): number => 52 // WASI's ENOSYS
    const instance = new WebAssembly.Instance(this.#module, {
      env: {
        host_call: (_name: number, _length: number, _self: number, count: number, args: number) =>
          this.#hostCall(count, args),
        host_interrupt: () => (this.#hooks.interrupt() ? 1 : 0),
        host_promise_rejection: () => {},
        host_module_normalize: () => 0,
        host_module_load: () => 0,
        host_get_timezone_offset: () => 0,
      },
      wasi_snapshot_preview1: {
        clock_time_get: (_clock: number, _precision: bigint, at: number) => {
          view().setBigUint64(at, BigInt(this.#hooks.timeMs()) * 1_000_000n, true)
          return 0
        },
        random_get: (at: number, length: number) => {
          new Uint8Array(this.#wasm.memory.buffer).fill(0, at, at + length)
          return 0
        },
        fd_close: refuse,
        fd_fdstat_get: refuse,
        fd_seek: refuse,
        fd_write: refuse,
      },
    })
    return instance.exports as unknown as QuickJs
  }

  #hostCall(count: number, args: number): Pointer {
    const wasm = this.#wasm
    const texts: Uint8Array[] = []
    for (let at = 0; at < count; at++) {
      const value = new DataView(wasm.memory.buffer).getUint32(args + 4 * at, true)
      texts.push(this.readString(value) ?? new Uint8Array())
    }
    const answer = this.#hooks.answer(texts)
    return answer === undefined ? wasm.qjs_get_undefined() : this.string(answer)
  }
}

const encoder = new TextEncoder()
