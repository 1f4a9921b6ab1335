import { mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { chainSpecToJson, developmentSpec, startNode } from '@tacit/node'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createProgram } from '../../../program.ts'

const directory = mkdtempSync(join(tmpdir(), 'tacit-db-'))
const specPath = join(directory, 'chain.json')
const spec = developmentSpec({ timeMs: 1_700_000_000_000n })
const source = join(directory, 'source')
const target = join(directory, 'target')
const file = join(directory, 'state')
let best = 0

/** Runs a chain until some more blocks are justified; the newest one. */
async function runNode(basePath: string, retention: number | 'archive'): Promise<number> {
  const options = { basePath, chainSpec: spec, rpcPort: 0, heartbeatMs: 10, retention }
  const node = await startNode({ ...options, rpcThread: 'none' })
  const first = node.chain.head.number
  await new Promise<void>((resolve) => {
    node.onJustified(({ number }) => {
      if (number >= first + 24) resolve()
    })
  })
  await node.stop()
  return node.chain.justified.number
}

async function run(...args: string[]): Promise<Record<string, unknown>> {
  let text = ''
  const output = { line: (line: string) => (text += `${line}\n`), error: () => {} }
  await createProgram(output).parseAsync(['node', 'tacit', 'node', 'db', ...args])
  return args.includes('--json') ? (JSON.parse(text) as Record<string, unknown>) : { text }
}

function at(basePath: string): string[] {
  return ['--base-path', basePath, '--chain-spec', specPath]
}

beforeAll(async () => {
  writeFileSync(specPath, JSON.stringify(chainSpecToJson(spec)))
  best = await runNode(source, 'archive')
})
afterAll(() => rmSync(directory, { recursive: true, force: true }))

test('an operator looks at a database, checks it and moves its state', async () => {
  const stats = await run('stats', ...at(source), '--json')
  expect(stats['chain']).toMatchObject({ bestNumber: best, oldestState: 0 })
  expect((await run('stats', ...at(source)))['text']).toContain(`blocks 0 to ${best}, archive`)
  expect(await run('check', ...at(source), '--json')).toMatchObject({ blocks: best + 1, flaws: 0 })
  const exported = await run('export', ...at(source), '--out', file, '--block', '3', '--json')
  expect(exported).toMatchObject({ number: 3 })
  expect(await run('import', file, ...at(target), '--json')).toMatchObject({ number: 3 })
  expect(await run('check', ...at(target), '--json')).toMatchObject({ flaws: 0 })
  expect(await runNode(target, 256)).toBeGreaterThan(3)
  expect(await run('check', ...at(target), '--json')).toMatchObject({ flaws: 0 })
  expect((await run('prune', ...at(source)))['text']).toContain('states from block')
  expect(process.exitCode ?? 0).toBe(0)
})

test('faults have a code and a fix', async () => {
  const prune = run('prune', ...at(target))
  await expect(prune).rejects.toMatchObject({ code: 'database_pruned' })
  await expect(run('import', file, ...at(target))).rejects.toMatchObject({
    code: 'target_not_empty',
    fix: 'Import into another --base-path.',
  })
  const nowhere = ['--base-path', join(directory, 'nowhere')]
  await expect(run('stats', ...nowhere)).rejects.toMatchObject({ code: 'chain_spec_unreadable' })
  const absent = run('check', ...nowhere, '--chain-spec', specPath)
  await expect(absent).rejects.toMatchObject({
    code: 'database_absent',
    fix: 'name the directory of a node with --base-path, and its chain',
  })
  truncateSync(join(target, spec.id, 'data.mdb'), 20_000)
  const cut = run('check', ...at(target))
  await expect(cut).rejects.toMatchObject({ code: 'database_corrupt' })
})
