/** Codes of JSON-RPC 2.0, and of Substrate where it has one for the case. */
export const RPC_CODE = {
  parse: -32_700,
  invalidRequest: -32_600,
  methodNotFound: -32_601,
  invalidParams: -32_602,
  internal: -32_603,
  /** The block or its state is not here, or a runtime API refused. */
  failed: -32_000,
  tooManySubscriptions: -32_006,
  oversizedRequest: -32_007,
  oversizedResponse: -32_008,
  /** More requests wait than are taken. */
  busy: -32_009,
  tooBigBatch: -32_010,
  tooBigBatchResponse: -32_011,
  followLimit: -32_800,
  blockNotPinned: -32_801,
  /** A call in a follow that did not ask for the runtime. */
  withoutRuntime: -32_802,
  operationUnknown: -32_803,
  duplicateHashes: -32_804,
  /** The bytes of an extrinsic for system_dryRun or payment_* are none. */
  undecodable: 2,
  blockRange: 4001,
  invalidCount: 4002,
  childStorageKey: 4003,
  badFormat: 1001,
  invalidTransaction: 1010,
  unknownValidity: 1011,
  temporarilyBanned: 1012,
  alreadyImported: 1013,
  tooLowPriority: 1014,
  immediatelyDropped: 1016,
  noTags: 1018,
} as const

/** An answer that says why there is none; thrown by methods, sent by the server. */
export class RpcError extends Error {
  override readonly name = 'RpcError'
  readonly code: number
  readonly data: unknown

  constructor(code: number, message: string, data?: unknown) {
    super(message)
    this.code = code
    this.data = data
  }
}

export function invalidParams(reason: string): RpcError {
  return new RpcError(RPC_CODE.invalidParams, 'Invalid params', reason)
}

/** What Substrate answers where a method is not for everybody. */
export function unsafeCalled(): RpcError {
  return new RpcError(RPC_CODE.methodNotFound, 'RPC call is unsafe to be called externally')
}
