// Client libraries, as npm has them, through the same flows against one node.
//   npm test               fails if a flow fails or docs/compatibility.md says otherwise
//   npm test -- --write    writes docs/compatibility.md
//   npm test -- --only papi   clients whose name has that; compares nothing
//   URL=ws://...           a development node that runs already
import './browser-globals.ts'
import { parseArgs } from 'node:util'
import type { KeyringPair } from '@polkadot/keyring/types'
import type { Client } from './client.ts'
import { dedot } from './dedot.ts'
import { injectExtension } from './extension.ts'
import { FLOWS, type Flow } from './flows.ts'
import { startNode } from './node.ts'
import { checkPage, writePage, type Page, type Result, type Row } from './page.ts'
import { papi } from './papi.ts'
import { polkadotJs } from './polkadot-js.ts'
import { TOOLS } from './tools.ts'
import { createWorld, type World } from './world.ts'

/** Longest time of one flow, and of a program that writes types: minutes if the machine is busy. */
const FLOW_LIMIT_MS = 60_000
const TOOL_LIMIT_MS = 300_000

const CLIENTS: { readonly [name: string]: Client } = {
  'polkadot-js': polkadotJs(),
  'papi-modern': papi('modern'),
  'papi-legacy': papi('legacy'),
  'dedot-v2': dedot('v2'),
  'dedot-legacy': dedot('legacy'),
}

const { values } = parseArgs({
  options: { write: { type: 'boolean', default: false }, only: { type: 'string' } },
})
const chosen = Object.entries(CLIENTS).filter(([name]) => name.includes(values.only ?? ''))
const own = process.env['URL'] ? undefined : await startNode()
const url = process.env['URL'] ?? own?.url ?? ''
const page: Page = { rows: [], tools: [] }
try {
  for (const [name, client] of chosen) page.rows.push(await runClient(name, client))
  if (!values.only)
    for (const { title, run } of TOOLS)
      page.tools.push(await attempt(title, () => run(url), TOOL_LIMIT_MS))
} finally {
  await own?.stop()
}
const results = [...page.rows.flatMap((row) => row.results), ...page.tools]
const failures = results.filter(({ result }) => result === 'failed').length
console.log(`${results.length} results, ${failures} failed`)
if (values.write && failures === 0) writePage(page)
// Libraries keep timers of their own.
process.exit(failures === 0 && (values.only || checkPage(page)) ? 0 : 1)

async function runClient(name: string, client: Client): Promise<Row> {
  console.log(`--- ${client.title}`)
  const started = performance.now()
  const world = createWorld(client, name)
  injectExtension(extensionKeys(name))
  await client.connect(url)
  const results: Result[] = []
  for (const flow of FLOWS) results.push(await runFlow(flow, world))
  await client.close()
  console.log(`    ${Math.round((performance.now() - started) / 100) / 10} s`)
  return { client, results }
}

/** The same keys as in createWorld, as an extension holds them. */
function extensionKeys(name: string): KeyringPair[] {
  const keys = CLIENTS['polkadot-js']
  const paths = { sr25519: 'sr', ed25519: 'ed', ecdsa: 'ec' } as const
  return Object.entries(paths).map(
    ([scheme, path]) =>
      keys?.account(scheme as keyof typeof paths, `//${name}//${path}`).key as KeyringPair,
  )
}

async function runFlow({ name, run }: Flow, world: World): Promise<Result> {
  const reason = world.client.notOffered[name]
  if (reason === undefined) return attempt(name, () => run(world), FLOW_LIMIT_MS)
  console.log(`--  ${name}: not offered, ${reason}`)
  return { name, result: 'not offered' }
}

async function attempt(
  name: string,
  run: () => Promise<string | void>,
  limitMs: number,
): Promise<Result> {
  const started = performance.now()
  try {
    const said = await Promise.race([run(), timeOut(limitMs)])
    const ms = Math.round(performance.now() - started)
    console.log(`ok  ${name}${said ? `: ${said}` : ''} (${ms} ms)`)
    return { name, result: 'works' }
  } catch (fault) {
    console.error(`FAILED  ${name}:`, fault)
    return { name, result: 'failed' }
  }
}

async function timeOut(limitMs: number): Promise<never> {
  const { promise, reject } = Promise.withResolvers<never>()
  setTimeout(() => reject(new Error('timed out')), limitMs).unref()
  return promise
}
