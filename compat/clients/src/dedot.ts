import assert from 'node:assert/strict'
import { web3Enable, web3FromAddress } from '@polkadot/extension-dapp'
import type { KeyringPair } from '@polkadot/keyring/types'
import { u8aToHex } from '@polkadot/util'
import { DedotClient, WsProvider } from 'dedot'
import { MerkleizedMetadata } from 'dedot/merkleized-metadata'
import {
  deferred,
  MULTISIG_WEIGHT,
  PREFIX,
  TOKEN,
  type Call,
  type Client,
  type Outcome,
  type TxOptions,
  WHOLE_MAP,
} from './client.ts'
import { keyOf, polkadotKeys } from './polkadot-keys.ts'

/** dedot, by JSON-RPC v2 or by the legacy methods; keys and extension are polkadot-js's, as its guide has it. */
export function dedot(rpcVersion: 'v2' | 'legacy'): Client {
  // Without generated types: the metadata of the chain says what there is.
  let client: DedotClient<any>
  const submit = (call: Call, from: KeyringPair | string, options: object): Promise<Outcome> => {
    const { promise, resolve, reject } = deferred<Outcome>()
    const steps: Outcome['steps'][number][] = []
    toTx(client, call)
      .signAndSend(from, options, ({ status, dispatchError, events }: any) => {
        if (status.type === 'BestChainBlockIncluded') steps.push('included')
        if (status.type === 'Invalid' || status.type === 'Drop')
          reject(new Error(`${status.type}: ${status.value?.error}`))
        if (status.type !== 'Finalized') return
        steps.push('finalized')
        const names = events.map(({ event }: any) => eventName(event))
        const paid = events.find(({ event }: any) =>
          eventName(event).endsWith('TransactionFeePaid'),
        )
        resolve({
          ok: dispatchError === undefined,
          ...(dispatchError && { error: errorName(client, dispatchError) }),
          events: names,
          steps,
          block: status.value.blockHash,
          tip: paid?.event.palletEvent.data.tip,
        })
      })
      .catch(reject)
    return promise
  }
  return {
    title: `dedot 1.3.0, ${rpcVersion}`,
    notOffered: {
      'balances and blocks summed up for wallets': 'no derived queries',
    },
    remarks:
      rpcVersion === 'v2'
        ? {
            'read a map by pages': WHOLE_MAP,
            'dry run': 'no function for system_dryRun; asked by client.rpc',
          }
        : {},
    connect: async (url) => {
      client = await DedotClient.new({ provider: new WsProvider(url), rpcVersion })
      assert.equal(client.rpcVersion, rpcVersion)
    },
    close: () => client.disconnect(),
    spec: async () => {
      const { ss58Format, tokenSymbol, tokenDecimals }: any = await client.chainSpec.properties()
      return {
        name: await client.chainSpec.chainName(),
        genesisHash: await client.chainSpec.genesisHash(),
        prefix: ss58Format,
        symbol: tokenSymbol,
        decimals: tokenDecimals,
      }
    },
    pallets: async () => client.metadata.latest.pallets.map(({ name }) => name),
    constants: async () => ({
      existentialDeposit: client.consts['balances'].existentialDeposit,
      specName: client.consts['system'].version.specName,
    }),
    free: async (address, at) => {
      const { query }: any = at === undefined ? client : await client.at(at as `0x${string}`)
      return (await query.system.account(address)).data.free
    },
    accounts: async () => {
      const { account } = client.query['system'] as any
      const entries = rpcVersion === 'v2' ? await account.entries() : await pagedEntries(account)
      return entries.map(([key]: [any]) => key.address(PREFIX))
    },
    nonce: (address) => client.call['accountNonceApi'].accountNonce(address),
    watchFree: async (address, changed) => {
      const stop = await client.query['system'].account(address, ({ data }: any) =>
        changed(data.free),
      )
      return () => void stop()
    },
    watchHeads: async (kind, seen) => client.block[kind](({ number }) => seen(number)),
    bodyLength: async (block) => (await client.block.body(block as `0x${string}`)).length,
    ...polkadotKeys,
    fee: async (call, from) => (await toTx(client, call).paymentInfo(keyOf(from))).partialFee,
    submit: (call, from, options) => submit(call, keyOf(from), toOptions(client, options)),
    dryRun: async (call, from) => {
      const tx = toTx(client, call)
      const result =
        rpcVersion === 'legacy'
          ? await tx.dryRun(keyOf(from))
          : await (client.rpc as any).system_dryRun((await tx.sign(keyOf(from))).toHex())
      assert(result.isOk)
      return result.value.isOk ? 'ok' : errorName(client, result.value.err)
    },
    timepoint: async (multisig) => {
      const [entry] = await (client.query['multisig'] as any).multisigs.entries(multisig)
      return entry?.[1].when
    },
    submitInjected: async (call, address, options) => {
      await web3Enable('tacit')
      const { signer } = await web3FromAddress(address)
      return submit(call, address, { ...toOptions(client, options), signer })
    },
    summary: () => Promise.reject(new Error('not offered')),
  }
}

async function pagedEntries(query: any): Promise<[any, any][]> {
  const found: [any, any][] = []
  for (let startKey: string | undefined; ;) {
    const page = await query.pagedEntries({ pageSize: 3, ...(startKey && { startKey }) })
    found.push(...page)
    if (page.length === 0) return found
    startKey = query.rawKey(page.at(-1)[0])
  }
}

function toOptions(client: DedotClient<any>, options: TxOptions = {}): object {
  const { tip, nonce, era, metadataHash } = options
  const decimals = metadataHash === 'wrong' ? TOKEN.decimals + 1 : TOKEN.decimals
  return {
    ...(tip !== undefined && { tip }),
    ...(nonce !== undefined && { nonce }),
    ...(era !== undefined && {
      mortality: era === 'immortal' ? { type: 'Immortal' } : { type: 'Mortal', period: era },
    }),
    ...(metadataHash && {
      metadataHash: u8aToHex(
        new MerkleizedMetadata(client.metadata, { ...TOKEN, decimals }).digest(),
      ),
    }),
  }
}

function toTx(client: DedotClient<any>, call: Call): any {
  const { balances, contracts, utility, multisig, proxy } = client.tx as any
  switch (call.type) {
    case 'transfer':
      return balances.transferKeepAlive(call.to, call.value)
    case 'emptyCode':
      return contracts.uploadCode('0x')
    case 'batch':
    case 'batchAll':
    case 'forceBatch':
      return utility[call.type](call.calls.map((one) => toTx(client, one).call))
    case 'asMulti': {
      const { threshold, others, timepoint } = call
      return multisig.asMulti(
        threshold,
        others,
        timepoint,
        toTx(client, call.call).call,
        MULTISIG_WEIGHT,
      )
    }
    case 'addProxy':
    case 'removeProxy':
      return proxy[call.type](call.delegate, 'Any', 0)
    case 'proxy':
      return proxy.proxy(call.real, undefined, toTx(client, call.call).call)
  }
}

/** Events without fields are names only. */
function eventName({ pallet, palletEvent }: any): string {
  return `${pallet}.${typeof palletEvent === 'string' ? palletEvent : palletEvent.name}`
}

function errorName(client: DedotClient<any>, error: any): string {
  const found = client.registry.findErrorMeta(error)
  if (found) return `${found.pallet}.${found.name}`
  return [error.type, error.value].filter((part) => typeof part === 'string').join('.')
}
