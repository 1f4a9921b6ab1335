import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { sr25519CreateDerive } from '@polkadot-labs/hdkd'
import {
  DEV_PHRASE,
  entropyToMiniSecret,
  mnemonicToEntropy,
  ss58Address,
} from '@polkadot-labs/hdkd-helpers'
import { createClient, type PolkadotClient } from 'polkadot-api'
import { getPolkadotSigner } from 'polkadot-api/signer'
import { getWsProvider } from 'polkadot-api/ws'

/** polkadot-api as npm has it, against a Tacit node: URL=ws://... or a node of its own. */

const PREFIX = 30
const PHA = 10n ** 12n

async function startNode(): Promise<{ url: string; stop(): Promise<void> }> {
  const basePath = mkdtempSync(join(tmpdir(), 'tacit-papi-'))
  const here = dirname(fileURLToPath(import.meta.url))
  const main = join(here, '../../packages/node/src/main.ts')
  const flags = ['--dev', '--base-path', basePath, '--rpc-port', '0', '--log', 'warn']
  const child = spawn(process.execPath, [main, ...flags], { stdio: ['ignore', 'pipe', 'inherit'] })
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()))
  for await (const line of createInterface(child.stdout)) {
    const { rpcUrl } = JSON.parse(line) as { rpcUrl: string }
    const stop = async (): Promise<void> => {
      child.kill('SIGTERM')
      await ended
      rmSync(basePath, { recursive: true })
    }
    return { url: rpcUrl, stop }
  }
  throw new Error('the node did not start')
}

type Account = { readonly address: string; readonly signer: ReturnType<typeof getPolkadotSigner> }

function devAccount(path: string): Account {
  const derive = sr25519CreateDerive(entropyToMiniSecret(mnemonicToEntropy(DEV_PHRASE)))
  const pair = derive(path)
  return {
    address: ss58Address(pair.publicKey, PREFIX),
    signer: getPolkadotSigner(pair.publicKey, 'Sr25519', pair.sign),
  }
}

async function step(name: string, run: () => Promise<string | void>): Promise<void> {
  const start = performance.now()
  const said = await run()
  const ms = Math.round(performance.now() - start)
  console.log(`ok  ${name}${said ? `: ${said}` : ''} (${ms} ms)`)
}

async function flow(client: PolkadotClient): Promise<void> {
  const api = client.getUnsafeApi()
  const [alice, bob] = [devAccount('//Alice'), devAccount('//Bob')]
  const transfer = (value: bigint): any =>
    api.tx.Balances.transfer_keep_alive({ dest: { type: 'Id', value: bob.address }, value })

  await step('connect', async () => {
    const { name, genesisHash, properties } = await client.getChainSpecData()
    assert.equal(properties.ss58Format, PREFIX)
    assert.equal(properties.tokenSymbol, 'PHA')
    return `${name} ${genesisHash.slice(0, 10)}`
  })
  await step('finalized block', async () => {
    const block = await client.getFinalizedBlock()
    return `#${block.number}`
  })
  await step('constants', async () => {
    const deposit = await api.constants.Balances.ExistentialDeposit()
    assert.ok(deposit > 0n)
    assert.equal((await api.constants.System.Version()).spec_name, 'tacit')
    return `existential deposit ${deposit}`
  })
  await step('read an account', async () => {
    const account = await api.query.System.Account.getValue(alice.address)
    assert.ok(account.data.free > 100n * PHA)
    return `free ${account.data.free}`
  })
  await step('read a map', async () => {
    const entries = await api.query.System.Account.getEntries()
    assert.ok(entries.length >= 6)
    return `${entries.length} accounts`
  })
  await step('runtime API', async () => {
    assert.equal(await api.apis.AccountNonceApi.account_nonce(bob.address), 0)
  })
  await step('estimate a fee', async () => {
    const fee = await transfer(PHA).getEstimatedFees(alice.address)
    assert.ok(fee > 0n && fee < PHA)
    return `${fee} planck`
  })
  await step('transfer, watched to finality', async () => {
    const before = await api.query.System.Account.getValue(bob.address)
    const states: string[] = []
    const done = await new Promise<any>((resolve, reject) => {
      transfer(5n * PHA)
        .signSubmitAndWatch(alice.signer)
        .subscribe({
          next: (event: any) => {
            states.push(event.type === 'txBestBlocksState' ? `best:${event.found}` : event.type)
            if (event.type === 'finalized') resolve(event)
          },
          error: reject,
        })
    })
    assert.equal(done.ok, true)
    assert.ok(states.includes('best:true'), states.join())
    assert.ok(done.events.some((e: any) => e.type === 'Balances' && e.value.type === 'Transfer'))
    const last = done.events.at(-1)
    assert.equal(`${last.type}.${last.value.type}`, 'System.ExtrinsicSuccess')
    const after = await api.query.System.Account.getValue(bob.address)
    assert.equal(after.data.free - before.data.free, 5n * PHA)
    return states.join(' ')
  })
  await step('failing call, decoded to its error', async () => {
    const most = (1n << 127n) - 1n
    const done = await transfer(most).signAndSubmit(alice.signer)
    assert.equal(done.ok, false)
    const { type, value } = done.dispatchError
    return `${type}.${value?.type}${value?.value?.type ? `.${value.value.type}` : ''}`
  })
  await step('module error, decoded to its name', async () => {
    const empty = api.tx.Contracts.upload_code({ code: new Uint8Array() })
    const done = await empty.signAndSubmit(alice.signer)
    assert.equal(done.ok, false)
    assert.equal(done.dispatchError.type, 'Module')
    return `${done.dispatchError.value.type}.${done.dispatchError.value.value.type}`
  })
  await step('an invalid transaction is refused', async () => {
    await assert.rejects(transfer(PHA).signAndSubmit(alice.signer, { nonce: 0 }), (fault: any) => {
      assert.equal(fault.error.type, 'Invalid')
      assert.equal(fault.error.value.type, 'Stale')
      return true
    })
  })
  await step('follow ten blocks of transfers', async () => {
    let last = 0
    for (let count = 0; count < 10; count++) {
      const done = await transfer(PHA).signAndSubmit(alice.signer)
      assert.equal(done.ok, true)
      assert.ok(done.block.number > last)
      last = done.block.number
    }
    return `#${last}`
  })
}

const own = process.env['URL'] ? undefined : await startNode()
const url = process.env['URL'] ?? own?.url ?? ''
const client = createClient(getWsProvider(url))
try {
  await flow(client)
} finally {
  client.destroy()
  await own?.stop()
}
