import { cpus, loadavg } from 'node:os'
import type { Hash } from '@tacit/base'
import { native } from '@tacit/crypto/native'
import { createRuntime } from '@tacit/runtime/runtime'
import { createExecutor } from '../packages/node/src/executor.ts'
import { benchRuntime, benchTrie } from './chain-alone.ts'
import { benchSpec, runAnvil, runOurs, type ChainRun } from './chain-contenders.ts'
import { benchParts } from './chain-parts.ts'
import { signedForAnvil, signedTransfers, TRANSFERS, type Scheme } from './chain-transfers.ts'
import { spread } from './interleave.ts'
import { installPeers } from './peers.ts'
import { median, type BenchCase, type BenchResult } from './result.ts'

const ROUNDS = 5
const SCHEMES = ['sr25519', 'ed25519'] as const

/**
 * Transfers per second of this node and of anvil, in turns: 10,000 signed ones of 50 accounts over
 * one WebSocket with 200 requests under way, from the first request until all are durably final
 * (ours: justified, hence flushed; anvil: in a block, in memory), behind 10,000 that each process does
 * first. Beside them the rules and the trie
 * alone, and the CPU time of each part of the node.
 */
export async function benchChain(): Promise<BenchResult> {
  const folder = installPeers('chain')
  const ours = {
    sr25519: await signedTransfers('sr25519', genesisHash('sr25519')),
    ed25519: await signedTransfers('ed25519', genesisHash('ed25519')),
  }
  const anvils = await signedForAnvil(folder)
  const runs: Round[] = []
  for (let round = 0; round < ROUNDS; round++) {
    const anvil = await runAnvil(folder, anvils)
    const sr25519 = await runOurs('sr25519', ours.sr25519)
    const ed25519 = await runOurs('ed25519', ours.ed25519)
    runs.push({ anvil, sr25519, ed25519 })
    console.error(describeRound(round, { anvil, sr25519, ed25519 }))
  }
  const parts = await benchParts(ours.sr25519)
  return {
    bench: 'chain',
    cases: [
      ...SCHEMES.map((scheme) => speedCase(scheme, runs)),
      ...SCHEMES.map((scheme) => firstCase(scheme, runs)),
      ...SCHEMES.map((scheme) => cpuCase(scheme, runs)),
      loadCase(runs),
      benchRuntime(),
      benchTrie(),
      ...parts,
    ],
  }
}

type Round = Readonly<Record<'anvil' | Scheme, ChainRun>>

function genesisHash(scheme: Scheme): Hash {
  const executor = createExecutor({ runtime: createRuntime(), crypto: native, log: () => {} })
  return executor.genesis(benchSpec(scheme).genesis).hash
}

function speedCase(scheme: Scheme, rounds: readonly Round[]): BenchCase {
  return perSecondCase(scheme, rounds, scheme, ({ perSecond }) => perSecond)
}

/** What a process does first, while JavaScript's compiler is at work. */
function firstCase(scheme: Scheme, rounds: readonly Round[]): BenchCase {
  return perSecondCase(`first/${scheme}`, rounds, scheme, ({ firstPerSecond }) => firstPerSecond)
}

function perSecondCase(
  name: string,
  rounds: readonly Round[],
  scheme: Scheme,
  figureOf: (run: ChainRun) => number,
): BenchCase {
  const ours = Math.round(median(rounds.map((round) => figureOf(round[scheme]))))
  const ratios = rounds.map((round) => figureOf(round[scheme]) / figureOf(round.anvil))
  return { name, unit: 'transfers/s', ours, ratio: { anvil: spread(ratios) } }
}

/** CPU of the chain's process for each transfer, RPC and everything included. */
function cpuCase(scheme: Scheme, rounds: readonly Round[]): BenchCase {
  const ours = median(rounds.map((round) => usEach(round[scheme].cpu.totalMs)))
  const ratios = rounds.map((round) => round[scheme].cpu.totalMs / round.anvil.cpu.totalMs)
  return { name: `cpu/${scheme}`, unit: 'us/transfer', ours, ratio: { anvil: spread(ratios) } }
}

/** CPU of this process while it sends to our node, beside the same for anvil. */
function loadCase(rounds: readonly Round[]): BenchCase {
  const ours = median(rounds.map((round) => usEach(round.sr25519.cpuMs)))
  const ratios = rounds.map((round) => round.sr25519.cpuMs / round.anvil.cpuMs)
  return { name: 'cpu/load-generator', unit: 'us/transfer', ours, ratio: { anvil: spread(ratios) } }
}

function usEach(ms: number): number {
  return Math.round((ms * 1_000) / TRANSFERS)
}

function describeRound(number: number, round: Round): string {
  const lines = Object.entries(round).map(
    ([name, { perSecond, firstPerSecond, acceptedMs, elapsedMs, cpu }]) => {
      const threads = [...cpu.threadsMs]
        .filter(([, ms]) => ms > 0)
        .map(([thread, ms]) => `${thread} ${ms}`)
      const times = `accepted ${Math.round(acceptedMs)} ms, final ${Math.round(elapsedMs)} ms`
      return `  ${name} ${Math.round(perSecond)}/s (first ${Math.round(firstPerSecond)}/s); ${times}; CPU ms ${cpu.totalMs} (${threads.join(', ')})`
    },
  )
  const load = loadavg().map((value) => value.toFixed(1))
  return [`round ${number + 1}, load ${load.join(' ')} on ${cpus().length} cores`, ...lines].join(
    '\n',
  )
}
