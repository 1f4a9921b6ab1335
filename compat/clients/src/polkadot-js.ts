import assert from 'node:assert/strict'
import '@polkadot/api/augment'
import { ApiPromise, WsProvider } from '@polkadot/api'
import type { KeyringPair } from '@polkadot/keyring/types'
import type { SubmittableExtrinsic } from '@polkadot/api/types'
import { web3Accounts, web3Enable, web3FromAddress } from '@polkadot/extension-dapp'
import { u8aToHex } from '@polkadot/util'
import { encodeAddress } from '@polkadot/util-crypto'
import {
  capital,
  deferred,
  MULTISIG_WEIGHT,
  PREFIX,
  type Call,
  type Client,
  type Outcome,
  type TxOptions,
} from './client.ts'
import { metadataDigest } from './metadata-digest.ts'
import { keyOf, polkadotKeys } from './polkadot-keys.ts'

type Tx = SubmittableExtrinsic<'promise'>

/** @polkadot/api and @polkadot/extension-dapp. */
export function polkadotJs(): Client {
  let api: ApiPromise
  const submit = (tx: Tx, from: KeyringPair | string, options: object): Promise<Outcome> => {
    const { promise, resolve, reject } = deferred<Outcome>()
    const steps: Outcome['steps'][number][] = []
    tx.signAndSend(from, options, (result) => {
      const { status, dispatchError } = result
      if (status.isInBlock) steps.push('included')
      if (result.isError) reject(new Error(status.type))
      if (!status.isFinalized) return
      steps.push('finalized')
      const events = result.events.map(({ event }) => `${capital(event.section)}.${event.method}`)
      const paid = result.events.find(({ event }) => event.method === 'TransactionFeePaid')
      resolve({
        ok: dispatchError === undefined,
        ...(dispatchError && { error: errorName(api, dispatchError) }),
        events,
        steps,
        block: status.asFinalized.toHex(),
        ...(paid && { tip: BigInt(String(paid.event.data[2])) }),
      })
    }).catch(reject)
    return promise
  }
  return {
    title: '@polkadot/api 16.5.6',
    notOffered: {},
    remarks: {},
    connect: async (url) => {
      api = await ApiPromise.create({ provider: new WsProvider(url), noInitWarn: true })
    },
    close: () => api.disconnect(),
    spec: async () => {
      const properties = await api.rpc.system.properties()
      return {
        name: (await api.rpc.system.chain()).toString(),
        genesisHash: api.genesisHash.toHex(),
        prefix: properties.ss58Format.unwrap().toNumber(),
        symbol: properties.tokenSymbol.unwrap()[0]?.toString() ?? '',
        decimals: properties.tokenDecimals.unwrap()[0]?.toNumber() ?? 0,
      }
    },
    pallets: async () => api.runtimeMetadata.asLatest.pallets.map(({ name }) => name.toString()),
    constants: async () => ({
      existentialDeposit: api.consts['balances']?.['existentialDeposit']?.toBigInt() ?? 0n,
      specName: api.consts.system.version.specName.toString(),
    }),
    free: async (address, at) => {
      const { query } = at === undefined ? api : await api.at(at)
      return (await query.system.account(address)).data.free.toBigInt()
    },
    accounts: async () => {
      const found: string[] = []
      for (let startKey: string | undefined; ;) {
        const page = await api.query.system.account.entriesPaged({
          args: [],
          pageSize: 3,
          ...(startKey && { startKey }),
        })
        found.push(...page.map(([key]) => encodeAddress(key.args[0], PREFIX)))
        startKey = page.at(-1)?.[0].toHex()
        if (startKey === undefined) return found
      }
    },
    nonce: async (address) =>
      Number(await api.call['accountNonceApi']?.['accountNonce']?.(address)),
    watchFree: async (address, changed) =>
      api.query.system.account(address, (account) => changed(account.data.free.toBigInt())),
    watchHeads: async (kind, seen) => {
      const { subscribeNewHeads, subscribeFinalizedHeads } = api.rpc.chain
      const subscribe = kind === 'best' ? subscribeNewHeads : subscribeFinalizedHeads
      return subscribe((header) => seen(header.number.toNumber()))
    },
    bodyLength: async (block) => (await api.rpc.chain.getBlock(block)).block.extrinsics.length,
    ...polkadotKeys,
    fee: async (call, from) =>
      (await toTx(api, call).paymentInfo(keyOf(from))).partialFee.toBigInt(),
    submit: (call, from, options) => submit(toTx(api, call), keyOf(from), toOptions(api, options)),
    dryRun: async (call, from) => {
      const result = await toTx(api, call).dryRun(keyOf(from))
      assert(result.isOk)
      return result.asOk.isOk ? 'ok' : errorName(api, result.asOk.asErr)
    },
    timepoint: async (multisig) => {
      const [entry] = await api.query['multisig']!['multisigs']!.entries(multisig)
      const { height, index } = (entry?.[1].toJSON() as { when: never })?.when
      return { height, index }
    },
    submitInjected: async (call, address, options) => {
      await web3Enable('tacit')
      const accounts = await web3Accounts({ ss58Format: PREFIX })
      assert(accounts.some((account) => account.address === address))
      const { signer } = await web3FromAddress(address)
      return submit(toTx(api, call), address, { ...toOptions(api, options), signer })
    },
    summary: async (address) => {
      const all = await api.derive.balances.all(address)
      const transferable = (all.transferable ?? all.availableBalance).toBigInt()
      const best = (await api.derive.chain.bestNumber()).toNumber()
      const final = (await api.derive.chain.bestNumberFinalized()).toNumber()
      assert(best >= final && final > 0)
      const header = await api.derive.chain.getHeader(await api.rpc.chain.getFinalizedHead())
      const block = await api.derive.chain.getBlockByNumber(final)
      assert(header.number.toNumber() >= final)
      assert.equal(block.block.header.number.toNumber(), final)
      assert.equal(block.extrinsics[0]?.dispatchError, undefined)
      const pending = await api.rpc.system.accountNextIndex(address)
      assert.equal(pending.toNumber(), all.accountNonce.toNumber())
      return { transferable, nonce: all.accountNonce.toNumber(), best }
    },
  }
}

function toOptions(api: ApiPromise, options: TxOptions = {}): object {
  const { tip, nonce = -1, era, metadataHash } = options
  return {
    nonce,
    ...(tip !== undefined && { tip }),
    ...(era !== undefined && { era: era === 'immortal' ? 0 : era }),
    ...(metadataHash && {
      mode: 1,
      metadataHash: u8aToHex(metadataDigest(api.runtimeMetadata.toU8a(), metadataHash)),
    }),
  }
}

function toTx(api: ApiPromise, call: Call): Tx {
  const make = (pallet: string, name: string, ...args: unknown[]): Tx => {
    const found = api.tx[pallet]?.[name]
    assert(found, `no call ${pallet}.${name}`)
    return found(...args)
  }
  switch (call.type) {
    case 'transfer':
      return make('balances', 'transferKeepAlive', call.to, call.value)
    case 'emptyCode':
      return make('contracts', 'uploadCode', '0x')
    case 'batch':
    case 'batchAll':
    case 'forceBatch':
      return make(
        'utility',
        call.type,
        call.calls.map((one) => toTx(api, one)),
      )
    case 'asMulti': {
      const { threshold, others, timepoint = null } = call
      const inner = toTx(api, call.call)
      return make('multisig', 'asMulti', threshold, others, timepoint, inner, MULTISIG_WEIGHT)
    }
    case 'addProxy':
    case 'removeProxy':
      return make('proxy', call.type, call.delegate, 'Any', 0)
    case 'proxy':
      return make('proxy', 'proxy', call.real, null, toTx(api, call.call))
  }
}

function errorName(api: ApiPromise, error: any): string {
  if (!error.isModule) return [error.type, error.value?.toString()].filter(Boolean).join('.')
  const { section, name } = api.registry.findMetaError(error.asModule)
  return `${capital(section)}.${name}`
}
