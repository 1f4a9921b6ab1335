import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { StoryResult } from '../src/dev/story-format.ts'
import { runCli, startCli, untilLine } from './run-cli.ts'

const folder = mkdtempSync(join(tmpdir(), 'tacit-e2e-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const ANY_PORTS = ['--rpc-port', '0', '--page-port', '0']

describe('tacit dev --once', () => {
  const data = join(folder, 'once')
  let result: StoryResult

  beforeAll(async () => {
    const ended = await runCli('dev', '--once', '--json', '--data', data, ...ANY_PORTS)
    expect(ended.stderr).toBe('')
    expect(ended.code).toBe(0)
    result = JSON.parse(ended.stdout) as StoryResult
  })

  it('prints one JSON object with everything that was proved', () => {
    expect(result.justifiedHeight).toBeGreaterThan(5)
    expect(result.attestation).toMatchObject({
      status: 'UpToDate',
      advisories: [],
      signatureChecks: 9,
    })
    expect(result.attestation.root.name).toContain('Tacit Development Root CA')
    expect(result.contract.result).toEqual({ price: '102', volume: '25' })
    expect(result.contract.stateRoot).toMatch(/^0x[0-9a-f]{64}$/)
    expect(result.query.roundTripMs).toBeGreaterThan(0)
    expect(result.payment.issuanceExact).toBe(true)
    const { paid, worker, burned, treasury } = result.payment
    expect(BigInt(paid)).toBe(BigInt(worker) + BigInt(burned) + BigInt(treasury))
    expect(result.receipt.verified).toBe(true)
  })

  it('leaves a receipt that the command line verifies from the genesis hash alone', async () => {
    const { file } = result.receipt
    const good = await runCli('verify', file, '--checkpoint', result.genesisHash)
    expect(good.stdout).toContain('VERIFIED')
    expect(good.stdout).toContain('rests on')
    expect(good.stdout).toContain('chain class: development')
    expect(good.code).toBe(0)
    const other = await runCli('verify', file, '--checkpoint', `0x${'11'.repeat(32)}`)
    expect(other.stdout).toContain('[checkpoint_mismatch]')
    expect(other.code).toBe(1)
  })

  it.each([
    ['commit', 'commit_mismatch'],
    ['commitSignature', 'commit_signature_invalid'],
    ['evidence', 'evidence_mismatch'],
    ['binding', 'report_data_mismatch'],
    ['salt', 'input_mismatch'],
  ])('a receipt with a changed %s is rejected', async (field, code) => {
    const receipt = JSON.parse(readFileSync(result.receipt.file, 'utf8')) as Record<string, string>
    const file = join(folder, `${field}.json`)
    const text = receipt[field] ?? ''
    const at = field === 'binding' ? 80 : text.length - 10
    const changed = text.slice(0, at) + (text[at] === '0' ? '1' : '0') + text.slice(at + 1)
    const input = field === 'salt' ? { input: '0x7b7d' } : {}
    writeFileSync(file, JSON.stringify({ ...receipt, [field]: changed, ...input }))
    const ended = await runCli('verify', file, '--checkpoint', result.genesisHash)
    expect(ended.stdout).toContain(`[${code}]`)
    expect(ended.code).toBe(1)
  })
})

describe('tacit dev', () => {
  it('names a taken port with the fix', async () => {
    const server = createServer().listen(0, '127.0.0.1')
    await once(server, 'listening')
    const address = server.address()
    const port = typeof address === 'object' && address ? String(address.port) : ''
    for (const [flag, other] of [
      ['--rpc-port', '--page-port'],
      ['--page-port', '--rpc-port'],
    ] as const) {
      const ended = await runCli('dev', '--once', flag, port, other, '0')
      expect(ended.stderr).toContain('[port_taken]')
      expect(ended.stderr).toContain(flag)
      expect(ended.code).toBe(1)
    }
    server.close()
  })

  it('refuses ports that are none with exit code 2', async () => {
    const ended = await runCli('dev', '--rpc-port', 'http')
    expect(ended.stderr).toContain('--rpc-port http is no port')
    expect(ended.code).toBe(2)
  })
})

describe('a network that stays up', () => {
  let child: ChildProcess
  let rpc = ''
  let story: string[] = []

  beforeAll(async () => {
    child = startCli(['dev', ...ANY_PORTS])
    story = await untilLine(child, (line) => line.startsWith('Ctrl-C'))
    rpc =
      story.map((line) => /^RPC\s+(ws:\S+)/.exec(line)?.[1]).find((url) => url !== undefined) ?? ''
  })

  afterAll(async () => {
    child.kill('SIGINT')
    const [code] = (await once(child, 'close')) as [number]
    expect(code).toBe(0)
  })

  it('tells its story in at most 25 lines and prints three commands that work', async () => {
    expect(story.length).toBeLessThanOrEqual(25)
    const commands = story.filter((line) => /^\s+npx tacit /.test(line))
    expect(commands).toHaveLength(3)
    for (const command of commands) {
      const ended = await runCli(...command.trim().split(/\s+/).slice(2))
      expect(ended.stderr).toBe('')
      expect(ended.code).toBe(0)
    }
  })

  it('pays from the command line', async () => {
    const before = await balance('//Dave')
    const paid = await runCli(
      'account',
      'transfer',
      '//Dave',
      '1.5',
      '--from',
      '//Bob',
      '--rpc',
      rpc,
    )
    expect(paid.stdout).toContain('paid 1.5 PHA in block')
    expect((await balance('//Dave')) - before).toBe(1_500_000_000_000n)
    const refused = await runCli(
      'account',
      'transfer',
      '//Dave',
      '9000000',
      '--from',
      '//Bob',
      '--rpc',
      rpc,
    )
    expect(refused.code).toBe(1)
    expect(refused.stderr).toContain('fix:')
  })

  it('builds, deploys, uses and proves a contract from the command line', async () => {
    const module = join(folder, 'pool.js')
    const entry = join(import.meta.dirname, '../../../examples/dark-pool-lite/src/contract.ts')
    expect((await runCli('contract', 'build', entry, '--out', module)).code).toBe(0)
    const deploy = ['contract', 'deploy', module, '--from', '//Eve', '--operator', '//Worker']
    const deployed = await runCli(...deploy, '--json', '--rpc', rpc)
    expect(deployed.stderr).toBe('')
    const { contract } = JSON.parse(deployed.stdout) as { contract: string }
    const receipt = join(folder, 'order.json')
    const order = JSON.stringify({ side: 'buy', limit: '7', quantity: '3' })
    const send = ['contract', 'send', contract, 'place', order, '--from', '//Eve', '--rpc', rpc]
    const sent = await runCli(...send, '--receipt', receipt)
    expect(sent.stdout).toContain(': ok,')
    expect(existsSync(receipt)).toBe(true)
    const verify = /npx tacit (verify .*)/.exec(sent.stdout)?.[1]?.split(' ') ?? []
    expect((await runCli(...verify)).stdout).toContain('input and output, as disclosed')
    const query = ['contract', 'query', contract, 'fill', '--rpc', rpc]
    expect((await runCli(...query, '--as', '//Eve')).stdout).toContain('"limit": "7"')
    expect((await runCli(...query, '--as', '//Bob')).stdout).not.toContain('"limit": "7"')
    const bad = await runCli(
      'contract',
      'send',
      contract,
      'place',
      '{"side":"up"}',
      '--from',
      '//Eve',
      '--rpc',
      rpc,
    )
    expect(bad.stdout).toContain('order_malformed')
    expect(bad.code).toBe(1)
    const nobody = await runCli(
      'contract',
      'send',
      contract,
      'clear',
      '--from',
      '//Bob',
      '--rpc',
      rpc,
    )
    expect(nobody.stdout).toContain('not_owner')
  })

  async function balance(account: string): Promise<bigint> {
    const shown = await runCli('account', 'show', account, '--json', '--rpc', rpc)
    return BigInt((JSON.parse(shown.stdout) as { free: string }).free)
  }
})

describe('help', () => {
  it.each([
    [['dev']],
    [['verify']],
    [['account', 'new']],
    [['account', 'show']],
    [['account', 'transfer']],
    [['contract', 'build']],
    [['contract', 'deploy']],
    [['contract', 'send']],
    [['contract', 'query']],
    [['collateral', 'fetch']],
    [['collateral', 'submit']],
  ])('of %j has a sentence, an example and its errors', async (command) => {
    const { stdout, code } = await runCli(...command, '--help')
    expect(code).toBe(0)
    expect(stdout).toMatch(/Examples?:/)
    expect(stdout).toContain('Errors:')
  })

  it('of nothing at all is a wrong usage', async () => {
    expect((await runCli('verify')).code).toBe(2)
    expect((await runCli('nope')).code).toBe(2)
    expect((await runCli('verify', '--nope', 'x')).code).toBe(2)
  })
})
