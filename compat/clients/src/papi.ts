import assert from 'node:assert/strict'
import { middleware } from '@polkadot-api/ws-middleware'
import { getWsProvider as getLowWsProvider, type Middleware } from '@polkadot-api/ws-provider'
import {
  decAnyMetadata,
  getMultisigAccountId,
  unifyMetadata,
} from '@polkadot-api/substrate-bindings'
import { ed25519CreateDerive, sr25519CreateDerive } from '@polkadot-labs/hdkd'
import { DEV_PHRASE, entropyToMiniSecret, mnemonicToEntropy } from '@polkadot-labs/hdkd-helpers'
import { Keyring } from '@polkadot/api'
import { blake2AsU8a, encodeAddress, signatureVerify } from '@polkadot/util-crypto'
import { stringToU8a } from '@polkadot/util'
import { AccountId, createClient, type PolkadotClient, type PolkadotSigner } from 'polkadot-api'
import { connectInjectedExtension } from 'polkadot-api/pjs-signer'
import { getPolkadotSigner, withMetadataHash } from 'polkadot-api/signer'
import { getWsProvider } from 'polkadot-api/ws'
import {
  deferred,
  MULTISIG_WEIGHT,
  PREFIX,
  TOKEN,
  type Account,
  type Call,
  type Client,
  type Outcome,
  type Scheme,
  type TxOptions,
  WHOLE_MAP,
} from './client.ts'
import { EXTENSION } from './extension.ts'

const seed = entropyToMiniSecret(mnemonicToEntropy(DEV_PHRASE))
type Pair = { readonly publicKey: Uint8Array; sign(message: Uint8Array): Uint8Array }
const derive: { readonly [S in Scheme]: (path: string) => Pair } = {
  sr25519: sr25519CreateDerive(seed),
  ed25519: ed25519CreateDerive(seed),
  // hdkd-helpers up to 0.0.30 loses the recovery bit of its ECDSA signatures, half of which fail.
  ecdsa: (path) => new Keyring({ type: 'ecdsa' }).addFromUri(path),
}
const TYPES = { sr25519: 'Sr25519', ed25519: 'Ed25519', ecdsa: 'Ecdsa' } as const

/** polkadot-api, by chainHead and archive or, as on older nodes, by the legacy methods. */
export function papi(provider: 'modern' | 'legacy'): Client {
  let client: PolkadotClient
  // Without descriptors: the metadata of the chain says what there is.
  let api: any
  const submit = (
    call: Call,
    signer: PolkadotSigner,
    options: TxOptions = {},
  ): Promise<Outcome> => {
    const { promise, resolve, reject } = deferred<Outcome>()
    const steps: Outcome['steps'][number][] = []
    toTx(api, call)
      .signSubmitAndWatch(withHash(signer, options), toOptions(options))
      .subscribe({
        next: (event: any) => {
          if (event.type === 'txBestBlocksState' && event.found) steps.push('included')
          if (event.type !== 'finalized') return
          steps.push('finalized')
          const paid = event.events.find((one: any) => one.value.type === 'TransactionFeePaid')
          resolve({
            ok: event.ok,
            ...(!event.ok && { error: errorName(event.dispatchError) }),
            events: event.events.map((one: any) => `${one.type}.${one.value.type}`),
            steps,
            block: event.block.hash,
            tip: paid?.value.value.tip,
          })
        },
        error: reject,
      })
    return promise
  }
  const injected = async (address: string): Promise<PolkadotSigner> => {
    const extension = await connectInjectedExtension(EXTENSION, 'tacit')
    const found = extension.getAccounts().find((account) => account.address === address)
    assert(found)
    return found.polkadotSigner
  }
  return {
    title: `polkadot-api 2.2.2, ${provider}`,
    notOffered: {
      'dry run':
        'no function for system_dryRun; the runtime API that it knows, DryRunApi, is of XCM',
      'balances and blocks summed up for wallets': 'no derived queries',
    },
    remarks: {
      ...(provider === 'modern'
        ? { 'read a map by pages': WHOLE_MAP }
        : { connect: "takes the name of the node (system_name) for the chain's" }),
      'transfer by ecdsa':
        'signed by @polkadot/keyring, as @polkadot-labs/hdkd-helpers up to 0.0.30 loses the recovery bit of half its ECDSA signatures',
    },
    connect: async (url) => {
      client = createClient(
        provider === 'modern'
          ? getWsProvider(url)
          : getLowWsProvider(url, { middleware: (base) => middleware(olderNode(base)) }),
      )
      api = client.getUnsafeApi()
      await client.getFinalizedBlock()
    },
    close: async () => client.destroy(),
    spec: async () => {
      const { name, genesisHash, properties } = await client.getChainSpecData()
      const { ss58Format: prefix, tokenSymbol: symbol, tokenDecimals: decimals } = properties
      return { name, genesisHash, prefix, symbol, decimals }
    },
    pallets: async () => {
      const { hash } = await client.getFinalizedBlock()
      const metadata = unifyMetadata(decAnyMetadata(await client.getMetadata(hash)))
      return metadata.pallets.map(({ name }) => name)
    },
    constants: async () => ({
      existentialDeposit: await api.constants.Balances.ExistentialDeposit(),
      specName: (await api.constants.System.Version()).spec_name,
    }),
    free: async (address, at) => {
      const options = at === undefined ? { at: 'best' } : { at }
      return (await api.query.System.Account.getValue(address, options)).data.free
    },
    accounts: async () => {
      const entries = await api.query.System.Account.getEntries()
      return entries.map(({ keyArgs }: { keyArgs: [string] }) => keyArgs[0])
    },
    nonce: (address) => api.apis.AccountNonceApi.account_nonce(address, { at: 'best' }),
    watchFree: async (address, changed) => {
      const values = api.query.System.Account.watchValue(address, { at: 'best' })
      const subscription = values.subscribe((seen: any) => changed((seen.value ?? seen).data.free))
      return () => subscription.unsubscribe()
    },
    watchHeads: async (kind, seen) => {
      // The list of best blocks also changes when one of them becomes final.
      let last: number | undefined
      const once = (number = 0): void => {
        if (number !== last) seen((last = number))
      }
      const subscription =
        kind === 'best'
          ? client.bestBlocks$.subscribe(([best]) => once(best?.number))
          : client.finalizedBlock$.subscribe(({ number }) => once(number))
      return () => subscription.unsubscribe()
    },
    bodyLength: async (block) => (await client.getBlockBody(block)).length,
    account: (scheme, path) => {
      const pair = derive[scheme](path)
      const { publicKey } = pair
      // Accounts of ecdsa keys are hashes of them.
      const id = scheme === 'ecdsa' ? blake2AsU8a(publicKey) : publicKey
      const key = getPolkadotSigner(id, TYPES[scheme], (input) => pair.sign(input))
      return { address: encodeAddress(id, PREFIX), key }
    },
    fee: (call, from) => toTx(api, call).getEstimatedFees(from.address),
    submit: (call, from, options) => submit(call, keyOf(from), options),
    dryRun: () => Promise.reject(new Error('not offered')),
    timepoint: async (multisig) => {
      const [entry] = await api.query.Multisig.Multisigs.getEntries(multisig, { at: 'best' })
      return entry.value.when
    },
    multisigAddress: (who, threshold) => {
      const { enc } = AccountId()
      const id = getMultisigAccountId({ threshold, signatories: who.map(enc) })
      return AccountId(PREFIX).dec(id)
    },
    submitInjected: async (call, address, options) =>
      submit(call, await injected(address), options),
    signInjected: async (message, address) => {
      const { signBytes } = await injected(address)
      const signature = await signBytes(stringToU8a(message))
      return signatureVerify(message, signature, address).isValid
    },
    summary: () => Promise.reject(new Error('not offered')),
  }
}

/** A node as if it had no methods but the legacy ones: the library then falls back to these. */
const olderNode: Middleware = (base) => (onMessage, onHalt) => {
  const inner = base((message: any) => {
    const methods: unknown = message.result?.methods
    if (Array.isArray(methods)) message.result = { methods: methods.filter(isLegacy) }
    onMessage(message)
  }, onHalt)
  const send: typeof inner.send = (message) => {
    assert(isLegacy(message.method), message.method)
    inner.send(message)
  }
  return { ...inner, send }
}

function isLegacy(method: string): boolean {
  return !/_v\d+_/.test(method)
}

function keyOf(account: Account): PolkadotSigner {
  return account.key as PolkadotSigner
}

function withHash(signer: PolkadotSigner, { metadataHash }: TxOptions): PolkadotSigner {
  if (!metadataHash) return signer
  const decimals = metadataHash === 'right' ? TOKEN.decimals : TOKEN.decimals + 1
  return withMetadataHash({ ...TOKEN, decimals }, signer)
}

function toOptions({ tip, nonce, era }: TxOptions): object {
  return {
    ...(tip !== undefined && { tip }),
    ...(nonce !== undefined && { nonce }),
    ...(era !== undefined && {
      mortality: era === 'immortal' ? { mortal: false } : { mortal: true, period: era },
    }),
  }
}

function toTx(api: any, call: Call): any {
  const id = (value: string) => ({ type: 'Id', value })
  const data = (inner: Call) => toTx(api, inner).decodedCall
  switch (call.type) {
    case 'transfer':
      return api.tx.Balances.transfer_keep_alive({ dest: id(call.to), value: call.value })
    case 'emptyCode':
      return api.tx.Contracts.upload_code({ code: new Uint8Array() })
    case 'batch':
      return api.tx.Utility.batch({ calls: call.calls.map(data) })
    case 'batchAll':
      return api.tx.Utility.batch_all({ calls: call.calls.map(data) })
    case 'forceBatch':
      return api.tx.Utility.force_batch({ calls: call.calls.map(data) })
    case 'asMulti':
      return api.tx.Multisig.as_multi({
        threshold: call.threshold,
        other_signatories: call.others,
        maybe_timepoint: call.timepoint,
        call: data(call.call),
        max_weight: { ref_time: MULTISIG_WEIGHT.refTime, proof_size: MULTISIG_WEIGHT.proofSize },
      })
    case 'addProxy':
    case 'removeProxy': {
      const name = call.type === 'addProxy' ? 'add_proxy' : 'remove_proxy'
      const proxy_type = { type: 'Any', value: undefined }
      return api.tx.Proxy[name]({ delegate: id(call.delegate), proxy_type, delay: 0 })
    }
    case 'proxy': {
      const force_proxy_type = undefined
      return api.tx.Proxy.proxy({ real: id(call.real), force_proxy_type, call: data(call.call) })
    }
  }
}

function errorName({ type, value }: any): string {
  const names = type === 'Module' ? [value.type, value.value?.type] : [type, value?.type]
  return names.filter(Boolean).join('.')
}
