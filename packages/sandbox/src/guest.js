// Runs inside QuickJS before any contract: the only code that talks to the host. It takes what it
// needs from the built-in objects now, because a contract may replace them later. No template
// strings: QuickJS joins them through String.prototype.concat.
// oxlint-disable-next-line max-lines-per-function, no-unused-expressions -- the script's value is this closure
;(function (host) {
  'use strict'
  const { parse, stringify } = JSON
  const { apply } = Reflect
  const { freeze, hasOwn, defineProperty } = Object
  const { isInteger } = Number
  const slice = Reflect.get(String.prototype, 'slice')
  const toWellFormed = Reflect.get(String.prototype, 'toWellFormed')
  const bigintToString = Reflect.get(BigInt.prototype, 'toString')
  const toHex = Reflect.get(Uint8Array.prototype, 'toHex')
  const fromHex = Uint8Array.fromHex
  const Bytes = Uint8Array
  const readInteger = parseInt
  const toText = String
  const toBigint = BigInt
  const Fault = TypeError

  /** One host call. The answer is undefined, '=' and a value, or '!' and what to throw. */
  function ask(operation, a, b) {
    const answer = host(operation, a, b)
    if (answer === undefined) return undefined
    const rest = apply(slice, answer, [1])
    if (answer[0] === '!') throw new Fault(rest)
    return rest
  }

  function text(value, what) {
    if (typeof value !== 'string') throw new Fault(what + ' must be a string')
    return value
  }

  function json(value, what) {
    const encoded = stringify(value)
    if (encoded === undefined) throw new Fault(what + ' is not JSON')
    return encoded
  }

  function sha256(data) {
    if (typeof data === 'string') return apply(fromHex, Bytes, [ask('sha256', data)])
    return apply(fromHex, Bytes, [ask('sha256hex', apply(toHex, data, []))])
  }

  function random(length) {
    if (!isInteger(length)) throw new Fault('random: the length must be an integer')
    return apply(fromHex, Bytes, [ask('random', toText(length))])
  }

  function fail(code, message) {
    ask('fail', text(code, 'fail code'), message === undefined ? '' : toText(message))
  }

  function transfer(to, amount) {
    if (typeof amount !== 'bigint') throw new Fault('transfer: the amount must be a bigint')
    ask('transfer', text(to, 'transfer receiver'), apply(bigintToString, amount, []))
  }

  const readers = {
    get(key) {
      const value = ask('get', text(key, 'state key'))
      return value === undefined ? undefined : parse(value)
    },
    keys(prefix) {
      return parse(ask('keys', prefix === undefined ? '' : text(prefix, 'state prefix')))
    },
  }
  const writers = {
    set(key, value) {
      ask('set', text(key, 'state key'), json(value, 'state value'))
    },
    delete(key) {
      ask('delete', text(key, 'state key'))
    },
  }
  const effects = {
    random,
    transfer,
    emit(topic, data) {
      ask('emit', text(topic, 'event topic'), json(data, 'event data'))
    },
  }

  function makeContext(kind, world) {
    const { caller, self, height, timeMs, sequence, value } = parse(world)
    const base = {
      caller,
      self,
      block: freeze({ height, timeMs }),
      hash: freeze({ sha256 }),
      fail,
    }
    if (kind === 'query') return freeze({ ...base, state: freeze({ ...readers }) })
    return freeze({
      ...base,
      ...effects,
      state: freeze({ ...readers, ...writers }),
      sequence: toBigint(sequence),
      value: toBigint(value),
    })
  }

  let contract

  function findHandler(kind, method) {
    if (kind === 'init') return hasOwn(contract, 'init') ? contract.init : () => null
    const group = kind === 'query' ? contract.queries : contract.commands
    if (group === undefined || group === null || !hasOwn(group, method)) return undefined
    return group[method]
  }

  function textOf(thrown) {
    if (typeof thrown === 'string') return thrown
    if (typeof thrown !== 'object' || thrown === null) return toText(thrown)
    const { name, message } = thrown
    if (typeof message !== 'string') return 'an object without a message'
    return typeof name === 'string' ? name + ': ' + message : message
  }

  /** What was thrown, as text that fits into an answer, whatever a thrown object's getters do. */
  function describe(thrown) {
    try {
      return apply(toWellFormed, apply(slice, textOf(thrown), [0, 256]), [])
    } catch {
      return 'something that cannot be described'
    }
  }

  function failure(description, otherwise) {
    const memory = apply(slice, description, [0, 28]) === 'InternalError: out of memory'
    return memory ? 'memory' : otherwise
  }

  /** The answer is a word, or a word, a colon and its text. */
  async function call(kind, method, input, world) {
    let argument
    let value
    try {
      argument = parse(input)
    } catch (thrown) {
      return failure(describe(thrown), 'input')
    }
    try {
      const handler = findHandler(kind, method)
      if (typeof handler !== 'function') return 'method'
      value = await apply(handler, undefined, [makeContext(kind, world), argument])
    } catch (thrown) {
      const description = describe(thrown)
      return failure(description, 'threw:' + description)
    }
    try {
      const output = stringify(value === undefined ? null : value)
      return output === undefined ? 'output' : 'done:' + output
    } catch (thrown) {
      return failure(describe(thrown), 'output')
    }
  }

  /** Takes the contract that a bundle left behind. */
  function load() {
    try {
      contract = globalThis.tacitContract.default
      if (typeof contract !== 'object' || contract === null) return 'code:no default export'
      return 'loaded'
    } catch {
      return 'code:no default export'
    }
  }

  defineProperty(Math, 'random', {
    value: () => readInteger(apply(slice, ask('random', '7'), [0, 13]), 16) / 2 ** 52,
    writable: true,
    configurable: true,
  })

  return (operation, a, b, c, d) => (operation === 'load' ? load() : call(a, b, c, d))
})
