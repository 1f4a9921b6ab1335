import { parseHash, parseHex, type Hash } from '@tacit/base'
import { TacitError, type Chain } from '@tacit/sdk'
import { byId } from './dom.ts'
import { acceptDrops } from './drop.ts'
import { follow, openChain } from './follow.ts'
import { describeFailure, oneLine } from './format.ts'
import { createPoolView } from './pool-view.ts'
import { showChain } from './show-chain.ts'

type Config = { readonly rpcUrl: string; readonly genesisHash: Hash }

/** Runs the page; ends only where its own server fails it. */
export async function start(): Promise<void> {
  try {
    await run(await readConfig())
  } catch (error) {
    setStatus('lost', 'failed')
    setFault(describeFailure(error))
  }
}

async function run({ rpcUrl, genesisHash }: Config): Promise<void> {
  acceptDrops(genesisHash)
  const showCleared = createPoolView()
  let current: Chain | undefined
  await follow(
    {
      onConnecting: () => setStatus('connecting', 'connecting'),
      onLive(chain) {
        current = chain
        setStatus('live', 'live')
        const onStep = (fault: unknown): void => {
          if (chain === current) setFault(fault === undefined ? '' : describeFailure(fault))
        }
        showChain(chain, { showCleared, onStep })
      },
      onLost(error, waitMs) {
        current = undefined
        setStatus('lost', `lost; trying again in ${waitMs / 1_000} s`)
        setFault(describeFailure(error) + hintFor(error))
      },
    },
    {
      open: () => openChain(rpcUrl, genesisHash),
      wait: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
    },
  )
}

async function readConfig(): Promise<Config> {
  const response = await fetch('/config.json')
  const config = (await response.json()) as { rpcUrl?: unknown; genesisHash?: unknown }
  const { rpcUrl, genesisHash: hex } = config
  const bytes = typeof hex === 'string' ? parseHex(hex) : undefined
  const hash = bytes?.ok ? parseHash(bytes.value) : undefined
  if (typeof rpcUrl === 'string' && hash?.ok) return { rpcUrl, genesisHash: hash.value }
  throw new TacitError({
    code: 'config_malformed',
    shortMessage: 'The server of this page does not name a node and a genesis hash',
    fix: 'Start the network again, then reload the page.',
  })
}

/** A development network has a new genesis at every start. */
function hintFor(error: unknown): string {
  return error instanceof TacitError && error.code === 'genesis_mismatch'
    ? ' If the local network was restarted, reload this page.'
    : ''
}

function setStatus(state: 'connecting' | 'live' | 'lost', text: string): void {
  const status = byId('status')
  status.dataset['state'] = state
  status.textContent = oneLine(text, 80)
}

function setFault(text: string): void {
  byId('fault').textContent = text
}
