import { readFileSync } from 'node:fs'
import { toHex } from '@tacit/base'
import { devKeypair } from '@tacit/crypto'
import { native } from '@tacit/crypto/native'
import { systemStorage } from '@tacit/runtime'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { RunningNode } from '../start-node.ts'
import type { RpcClient } from '../testing/rpc-client.ts'
import { refusedMethods } from './refused.ts'
import { createBench, transferHex } from '../testing/test-node.ts'

const bench = createBench()
let node: RunningNode
let client: RpcClient
/** What parameters are made of. */
let known: { genesis: string; block: string; follow: string; watch: string; extrinsic: string }

beforeAll(async () => {
  node = await bench.start()
  client = await bench.connect(node)
  const genesis = toHex(node.genesisHash)
  const block = await client.submitAndWait(transferHex(node, 0))
  const follow = String(await client.call('chainHead_v1_follow', true))
  const future = transferHex(node, 9, { from: 'Dave' })
  const watch = String(await client.call('transactionWatch_v1_submitAndWatch', future))
  known = { genesis, block, follow, watch, extrinsic: transferHex(node, 1) }
})
afterAll(() => bench.end())

type Answer = unknown
type Row = readonly [
  method: string,
  params: () => readonly unknown[],
  answer: Answer,
  ...bad: readonly Bad[],
]
/** Parameters with the code of their error, -32602 where none is given. */
type Bad = readonly [params: readonly unknown[] | (() => readonly unknown[]), code?: number]

const HASH: unknown = expect.stringMatching(/^0x[0-9a-f]{64}$/)
const HEX: unknown = expect.stringMatching(/^0x([0-9a-f]{2})+$/)
const HEXED: unknown = expect.stringMatching(/^0x[0-9a-f]+$/)
const NUMBER: unknown = expect.any(Number)
const SUBSCRIPTION: unknown = expect.stringMatching(/^s[0-9a-z]+$/)
const HEADER: unknown = {
  parentHash: HASH,
  number: HEXED,
  stateRoot: HASH,
  extrinsicsRoot: HASH,
  digest: { logs: expect.any(Array) },
}
const VERSION: unknown = {
  specName: 'tacit',
  implName: 'tacit-ts',
  authoringVersion: NUMBER,
  specVersion: NUMBER,
  implVersion: NUMBER,
  apis: expect.arrayContaining([['0xdf6acb689907609b', 5]]),
  transactionVersion: NUMBER,
  systemVersion: 1,
  stateVersion: 1,
}
const UNKNOWN = `0x${'11'.repeat(32)}`
const ACCOUNTS = toHex(systemStorage.Account.prefix(native.hashes))
const ALICE = toHex(systemStorage.Account.key(native.hashes, devKeypair('Alice').accountId))
const CHILD = toHex(new TextEncoder().encode(':child_storage:default:x'))
const STARTED: unknown = { result: 'started', operationId: expect.stringMatching(/^o/) }

const none = (): readonly unknown[] => []
const block = (): readonly unknown[] => [known.block]
const inFollow =
  (...more: readonly unknown[]) =>
  (): readonly unknown[] => [known.follow, known.block, ...more]
const KEY = '0x00'
const LONG_KEY = `0x${'00'.repeat(1_025)}`
const NOT_A_HASH: readonly Bad[] = [[[7]], [['0x00']], [[{}]]]
const badBlock = (at: number): Bad[] => {
  const valid = [KEY, KEY].slice(0, at)
  return [[[...valid, 'x']], [[...valid, '0x00']], [[...valid, UNKNOWN], -32_000]]
}
const badKeys: readonly Bad[] = [[[]], [['0x0']], [[7]], [[LONG_KEY]]]

const badPayment: readonly Bad[] = [[[]], [['zz']], [['0x00'], 2], [['0x00', 'x']]]
const badInFollow = (...more: readonly unknown[]): Bad[] => [
  [[]],
  [[7]],
  [() => [known.follow, 'x', ...more]],
  [() => [known.follow, UNKNOWN, ...more], -32_801],
]
const childRow = (method: string, rest: readonly unknown[], answer: unknown): Row => [
  method,
  () => [CHILD, ...rest],
  answer,
  [[]],
  [['x', ...rest]],
  [[CHILD]],
  [[CHILD, LONG_KEY, ...rest.slice(1)]],
  [['0x00', ...rest], 4003],
]

const queries = (count: number): unknown[] =>
  Array.from({ length: count }, () => ({ key: KEY, type: 'value' }))
const unwatched = (): readonly unknown[] => [known.watch]

const ROWS: readonly Row[] = [
  ['rpc_methods', none, { methods: expect.arrayContaining(['rpc_methods']) }],

  ['chainSpec_v1_chainName', none, 'Tacit Development'],
  ['chainSpec_v1_genesisHash', none, HASH],
  ['chainSpec_v1_properties', none, { ss58Format: 30, tokenDecimals: 12, tokenSymbol: 'PHA' }],

  ['chainHead_v1_follow', () => [false], SUBSCRIPTION, [[]], [['true']], [[1]]],
  ['chainHead_v1_unfollow', () => ['nothing'], null, [[]], [[7]], [['x'.repeat(300)]]],
  ['chainHead_v1_header', inFollow(), HEX, ...badInFollow()],
  ['chainHead_v1_body', inFollow(), STARTED, ...badInFollow()],
  [
    'chainHead_v1_call',
    inFollow('Core_version', '0x'),
    STARTED,
    ...badInFollow('Core_version', '0x'),
    [inFollow(7, '0x')],
    [inFollow('Core_version', 'zz')],
  ],
  [
    'chainHead_v1_storage',
    inFollow([{ key: KEY, type: 'value' }], null),
    { ...Object(STARTED), discardedItems: 0 },
    ...badInFollow([], null),
    [inFollow(7)],
    [inFollow([{ key: KEY, type: 'nothing' }])],
    [inFollow(queries(1_025))],
    [inFollow([], 'child')],
  ],
  [
    'chainHead_v1_continue',
    () => ['nothing', 'o0'],
    null,
    [[]],
    [[7]],
    [() => [known.follow, 'nothing'], -32_803],
  ],
  ['chainHead_v1_stopOperation', () => [known.follow, 'nothing'], null, [[]], [[7]]],
  [
    'chainHead_v1_unpin',
    () => ['nothing', UNKNOWN],
    null,
    [[]],
    [[7]],
    [() => [known.follow, 7]],
    [() => [known.follow, UNKNOWN], -32_801],
    [() => [known.follow, [known.block, known.block]], -32_804],
    [() => [known.follow, Array(1_025).fill(known.block)]],
  ],

  ['archive_v1_genesisHash', none, HASH],
  ['archive_v1_finalizedHeight', none, 1],
  ['archive_v1_hashByHeight', () => [1], [HASH], [[]], [[-1]], [[1.5]], [['x']]],
  ['archive_v1_header', block, HEX, [[]], ...NOT_A_HASH],
  ['archive_v1_body', block, [HEX, HEX, HEX], [[]], [['0x00']]],
  [
    'archive_v1_call',
    () => [known.block, 'Core_version', '0x'],
    { success: true, value: HEX },
    [[]],
    [[UNKNOWN, 7, '0x']],
    [[UNKNOWN, 'x', 'zz']],
  ],
  [
    'archive_v1_storage',
    () => [known.block, [{ key: KEY, type: 'hash' }], null],
    SUBSCRIPTION,
    [[]],
    [[UNKNOWN]],
    [[UNKNOWN, [{ key: KEY }]]],
    [[UNKNOWN, [7]]],
    [[UNKNOWN, [{ key: '0x0', type: 'value' }]]],
    [[UNKNOWN, [{ key: LONG_KEY, type: 'value' }]]],
    [[UNKNOWN, [{ key: KEY, type: 'value', paginationStartKey: KEY }]]],
    [[UNKNOWN, [], 'child']],
    [[UNKNOWN, queries(257)]],
  ],
  ['archive_v1_stopStorage', () => ['nothing'], null, [[]], [[7]]],
  [
    'archive_v1_storageDiff',
    () => [known.block],
    SUBSCRIPTION,
    [[]],
    [[UNKNOWN, 7]],
    [[UNKNOWN, [{ key: KEY }]]],
    [[UNKNOWN, [{ returnType: 'hash', key: 7 }]]],
    [[UNKNOWN, [{ returnType: 'hash', childTrieKey: 7 }]]],
    [[UNKNOWN, null, 'x']],
  ],
  ['archive_v1_stopStorageDiff', () => ['nothing'], null, [[]], [[7]]],

  ['transaction_v1_broadcast', () => ['0x00'], expect.stringMatching(/^t/), [[]], [['zz']]],
  ['transaction_v1_stop', () => ['t0'], null, [[]], [[7]], [['nothing']]],

  ['transactionWatch_v1_submitAndWatch', () => ['0x03'], SUBSCRIPTION, [[]], [['zz']]],
  ['transactionWatch_v1_unwatch', unwatched, null, [[]], [[7]], [['nothing']]],

  [
    'chain_getBlock',
    block,
    {
      block: { header: HEADER, extrinsics: [HEX, HEX, HEX] },
      justifications: [[[0x46, 0x52, 0x4e, 0x4b], expect.arrayContaining([expect.any(Number)])]],
    },
    ...NOT_A_HASH,
  ],
  [
    'chain_getBlockHash',
    () => [[0, '0x1', 99]],
    [HASH, HASH, null],
    [[-1]],
    [[2 ** 32]],
    [[{}]],
    [[['x']]],
    [[Array(129).fill(0)]],
  ],
  ['chain_getHead', none, HASH, [[-1]]],
  ['chain_getHeader', block, HEADER, ...NOT_A_HASH],
  ['chain_getFinalizedHead', none, HASH],
  ['chain_getFinalisedHead', none, HASH],
  ...['NewHead', 'NewHeads', 'AllHeads', 'FinalizedHeads', 'FinalisedHeads'].flatMap(
    (name): Row[] => [
      [`chain_subscribe${name}`, none, SUBSCRIPTION],
      [`chain_unsubscribe${name}`, () => ['nothing'], false, [[]], [[7]]],
    ],
  ),
  ['subscribe_newHead', none, SUBSCRIPTION],
  ['unsubscribe_newHead', () => ['nothing'], false, [[]], [[7]]],
  ['chain_getRuntimeVersion', block, VERSION, ...badBlock(0)],
  ['chain_subscribeRuntimeVersion', none, SUBSCRIPTION],
  ['chain_unsubscribeRuntimeVersion', () => ['nothing'], false, [[]], [[7]]],

  ...['', 'At'].flatMap((at): Row[] => [
    [`state_getStorage${at}`, () => [ALICE, known.block], HEX, ...badKeys, ...badBlock(1)],
    [`state_getStorageHash${at}`, () => [ALICE], HASH, ...badKeys, ...badBlock(1)],
    [`state_getStorageSize${at}`, () => [ALICE], 80, ...badKeys, ...badBlock(1)],
    [`state_call${at}`, () => ['Core_version', '0x'], HEX, [[]], [[7]], [['Core_version', 7]]],
    [
      `state_getKeysPaged${at}`,
      () => [ACCOUNTS, 2, null, known.block],
      [HEX, HEX],
      [[]],
      [['0x', -1]],
      [['0x', 1_001], 4002],
      [['0x', 1, 7]],
      [['0x', 1, null, 'x']],
      [['0x', 1, null, UNKNOWN], -32_000],
    ],
  ]),
  ['state_getKeys', () => [ALICE], [ALICE], ...badKeys, ...badBlock(1)],
  ['state_getPairs', () => [ALICE], [[ALICE, HEX]], ...badKeys, ...badBlock(1)],
  [
    'state_getReadProof',
    () => [[ALICE], known.block],
    { at: HASH, proof: expect.arrayContaining([HEX]) },
    [[]],
    [['x']],
    [[Array(1_025).fill(KEY)]],
    [[[KEY], UNKNOWN], -32_000],
  ],
  ['state_getMetadata', none, expect.stringMatching(/^0x6d6574610e/), ...badBlock(0)],
  ['state_getRuntimeVersion', none, VERSION, ...badBlock(0)],
  ['state_subscribeRuntimeVersion', none, SUBSCRIPTION],
  ['state_unsubscribeRuntimeVersion', () => ['nothing'], false, [[]], [[7]]],
  [
    'state_queryStorage',
    () => [[ALICE], known.genesis, known.block],
    [
      { block: HASH, changes: [[ALICE, HEX]] },
      { block: HASH, changes: [[ALICE, HEX]] },
    ],
    [[]],
    [[[KEY]]],
    [[[KEY], UNKNOWN], 4001],
    [[['x'], UNKNOWN]],
  ],
  [
    'state_queryStorageAt',
    () => [[ALICE, KEY], known.block],
    [
      {
        block: HASH,
        changes: [
          [ALICE, HEX],
          [KEY, null],
        ],
      },
    ],
    [[]],
    [[[7]]],
    [[[KEY], UNKNOWN], -32_000],
  ],
  [
    'state_subscribeStorage',
    () => [[ALICE]],
    SUBSCRIPTION,
    [[], -32_601],
    [['x']],
    [[[LONG_KEY]]],
    [[Array(1_025).fill(KEY)]],
  ],
  ['state_unsubscribeStorage', () => ['nothing'], false, [[]], [[7]]],

  childRow('childstate_getKeys', [KEY], []),
  childRow('childstate_getKeysPaged', [KEY, 5, null], []),
  childRow('childstate_getKeysPagedAt', [KEY, 5], []),
  childRow('childstate_getStorage', [KEY], null),
  childRow('childstate_getStorageEntries', [[KEY, KEY]], [null, null]),
  childRow('childstate_getStorageHash', [KEY], null),
  childRow('childstate_getStorageSize', [KEY], null),

  ['author_submitExtrinsic', () => [transferHex(node, 1)], HASH, [[]], [['zz']], [['0x01'], 1001]],
  [
    'author_submitAndWatchExtrinsic',
    () => [transferHex(node, 2)],
    SUBSCRIPTION,
    [[]],
    [['zz']],
    [['0x02'], 1001],
  ],
  ['author_unwatchExtrinsic', () => ['nothing'], false, [[]], [[7]]],
  ['author_pendingExtrinsics', none, expect.any(Array)],

  [
    'payment_queryInfo',
    () => [known.extrinsic, known.block],
    {
      weight: { ref_time: NUMBER, proof_size: NUMBER },
      class: 'normal',
      partialFee: expect.stringMatching(/^\d+$/),
    },
    ...badPayment,
  ],
  [
    'payment_queryFeeDetails',
    () => [known.extrinsic],
    { inclusionFee: { baseFee: HEXED, lenFee: HEXED, adjustedWeightFee: HEXED } },
    ...badPayment,
  ],

  ['system_chain', none, 'Tacit Development'],
  ['system_chainType', none, 'Development'],
  ['system_name', none, expect.any(String)],
  ['system_version', none, expect.stringMatching(/^\d+\.\d+\.\d+/)],
  ['system_properties', none, { ss58Format: 30, tokenDecimals: 12, tokenSymbol: 'PHA' }],
  ['system_health', none, { peers: 0, isSyncing: false, shouldHavePeers: false }],
  ['system_localListenAddresses', none, []],
  ['system_localPeerId', none, ''],
  ['system_nodeRoles', none, ['Authority']],
  ['system_peers', none, []],
  ['system_reservedPeers', none, []],
  [
    'system_syncState',
    none,
    { startingBlock: 0, currentBlock: expect.any(Number), highestBlock: expect.any(Number) },
  ],
  ...['system_accountNextIndex', 'account_nextIndex'].map((name): Row => [
    name,
    () => [toHex(devKeypair('Ferdie').accountId)],
    0,
    [[]],
    [['nonsense']],
    [['0x00']],
    [[7]],
  ]),
  ...['system_dryRun', 'system_dryRunAt'].map((name): Row => [
    name,
    () => [known.extrinsic, known.block],
    '0x0000',
    [[]],
    [['zz']],
    [['0x00'], 2],
    [[KEY, UNKNOWN], -32_000],
  ]),

  ['grandpa_proveFinality', () => [1], HEX, [[]], [[-1]], [['x']]],
  ['grandpa_subscribeJustifications', none, SUBSCRIPTION],
  ['grandpa_unsubscribeJustifications', () => ['nothing'], false, [[]], [[7]]],
]

const CASES = ROWS.map(([method, params, answer, ...bad]) => ({ method, params, answer, bad }))

test.each(CASES)('$method answers', async ({ method, params, answer }) => {
  expect(await client.call(method, ...params())).toEqual(answer)
})

test.each(CASES)('$method refuses parameters', async ({ method, bad }) => {
  for (const [params, code = -32_602] of bad) {
    const given = typeof params === 'function' ? params() : params
    const { error } = await client.ask(method, ...given)
    expect([method, given, error?.code]).toEqual([method, given, code])
  }
  expect((await client.askNamed(method, {})).error?.code).toBe(-32_602)
})

test('the table has every method that is listed, and no other', async () => {
  const { methods } = (await client.call('rpc_methods')) as { methods: string[] }
  expect(ROWS.map(([method]) => method).sort()).toEqual(methods)
})

test('what changes the node is refused to everybody and listed nowhere', async () => {
  const { methods } = (await client.call('rpc_methods')) as { methods: string[] }
  expect(Object.keys(refusedMethods)).toHaveLength(15)
  for (const method of Object.keys(refusedMethods)) {
    expect(await client.fail(method)).toEqual({
      code: -32_601,
      message: 'RPC call is unsafe to be called externally',
    })
    expect(methods).not.toContain(method)
  }
})

test('docs/rpc.md has every method once', async () => {
  const { methods } = (await client.call('rpc_methods')) as { methods: string[] }
  const page = readFileSync(new URL('../../../../docs/rpc.md', import.meta.url), 'utf8')
  const table = page.slice(page.indexOf('## Methods'), page.indexOf('Refused to everybody'))
  const cells = table.split('\n').map((line) => line.split('|')[1] ?? '')
  const named = cells.flatMap((cell) => [...cell.matchAll(/`(\w+)`/g)].map(([, name]) => name))
  expect(new Set(named)).toEqual(new Set(methods))
  expect(named).toHaveLength(methods.length)
})

test('what costs much is refused where the operator wants it so', async () => {
  const careful = await bench.start({ rpcMethods: 'safe' })
  const other = await bench.connect(careful)
  expect(await other.fail('system_dryRun', known.extrinsic)).toEqual({
    code: -32_601,
    message: 'RPC call is unsafe to be called externally',
  })
})
