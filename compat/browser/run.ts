import { mkdir, readFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import assert from 'node:assert/strict'
import { chromium, type Page } from 'playwright-core'
import { findEvidence } from '../../vectors/evidence.ts'
import { findChromium } from './find-chromium.ts'
import { startNetwork } from './network.ts'

const OUT = join(import.meta.dirname, 'out')
const BUNDLE = 'dcap/bundles/tdx-v4-phala.json'
const QUOTE = 'dcap/quotes/tdx-v4-phala.bin'
const FLAGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
]

/** What is dropped, and what the page must say of it. */
const EVIDENCE: readonly (readonly [what: string, paths: readonly string[], said: RegExp])[] = [
  [
    'an SGX bundle',
    ['dcap/bundles/sgx-v3-phala.json', 'dcap/quotes/sgx-v3-phala.bin'],
    /SGX enclave/,
  ],
  [
    'a TDX 1.5 bundle',
    ['dcap/bundles/tdx-v5-gotdx.json', 'dcap/quotes/tdx-v5-gotdx.bin'],
    /version 5/,
  ],
  [
    "dstack's answer with its events",
    ['dcap/dstack-quote-report.json', 'dcap/collateral/phala__tdx_quote_outdated_collateral.json'],
    /28 events replay/,
  ],
  ['SEV-SNP of Milan', ['snp/virtee__report_milan.hex', 'snp/virtee__vcek_milan.der'], /on Milan/],
  [
    'SEV-SNP of Turin',
    [
      'snp/msft__turin_attestation_report.bin',
      'snp/msft__turin_vcek.pem',
      'snp/msft__turin_ask.pem',
    ],
    /on Turin/,
  ],
  ["Azure's SEV-SNP evidence", ['snp/trustee__az-snp-vtpm__evidence-genoa.json'], /on Genoa/],
  [
    'a Hopper GPU',
    [
      'nvidia/nvtrust__samples__hopperAttestationReport.txt',
      'nvidia/nvtrust__samples__hopperCertChain.txt',
    ],
    /NVIDIA.*Hopper/,
  ],
  [
    'a Blackwell GPU',
    [
      'nvidia/nvsdk__sample_attestation_data__gpu__blackwellAttestationReport.txt',
      'nvidia/nvsdk__sample_attestation_data__gpu__blackwellCertChain.txt',
    ],
    /NVIDIA.*Blackwell/,
  ],
  [
    'eight GPUs',
    ['nvidia/nvtrust__ppcie-verifier-sdk-cpp__tests__data__gpu_evidence.json'],
    /NVIDIA/,
  ],
  ['a manifest', ['nvidia/nvsdk__NV_GPU_DRIVER_GH100_550.144.03.xml'], /manifest/],
]

type Upload = { readonly name: string; readonly mimeType: string; readonly buffer: Buffer }

const counts = { passed: 0, failed: 0, skipped: 0 }

async function test(name: string, run: () => Promise<void>): Promise<void> {
  const started = performance.now()
  try {
    await run()
    counts.passed++
    console.log(` ✓ ${name} ${Math.round(performance.now() - started)} ms`)
  } catch (error) {
    counts.failed++
    console.log(` × ${name}\n   ${String(error).replaceAll('\n', '\n   ')}`)
  }
}

function skip(name: string, why: string): void {
  counts.skipped++
  console.log(` ↓ ${name}: ${why}`)
}

const evidence = findEvidence()
const executablePath = findChromium()
const network = await startNetwork()
const browser = await chromium.launch({ executablePath, args: FLAGS }).catch(async (error) => {
  await network.stop()
  throw error
})
const page = await browser.newPage({ viewport: { width: 1200, height: 1000 } })
page.setDefaultTimeout(30_000)
const complaints: string[] = []
page.on('pageerror', (error) => complaints.push(error.message))
page.on('console', (message) => {
  if (message.type() === 'error' || message.type() === 'warning') complaints.push(message.text())
})
try {
  await mkdir(OUT, { recursive: true })
  await page.goto(network.pageUrl)
  await checkChain(page)
  await checkDrops(page)
  await takePictures(page)
  await test('the browser complains about nothing', async () => assert.deepEqual(complaints, []))
  await checkFaults()
  await checkLoss(page)
} finally {
  await browser.close()
  await network.stop()
}
const parts = Object.entries(counts).filter(([name, count]) => count > 0 || name === 'passed')
const total = counts.passed + counts.failed + counts.skipped
console.log(`\nTests  ${parts.map(([name, n]) => `${n} ${name}`).join(' | ')} (${total})`)
process.exitCode = counts.failed === 0 ? 0 : 1

async function checkChain(page: Page): Promise<void> {
  await test('it follows the chain', async () => {
    await page.locator('#status[data-state=live]').waitFor()
    assert.match(await text(page, '#height'), /^[\d,]+$/)
    assert.equal(await text(page, '#chain-class'), 'development')
    assert.match(await text(page, '#authorities'), /^1 in set 0; 1 of 1 weight needed$/)
    assert.match(await text(page, '#genesis'), /^0x[0-9a-f]{16}…$/)
  })
  await test('it names the root that vouched for each worker', async () => {
    await page.locator('#workers tr', { hasText: 'Contracts' }).waitFor()
    const rows = await page.locator('#workers tr').allInnerTexts()
    assert.equal(rows.length, 2)
    for (const row of rows) assert.match(row, /^(Contracts|Gatekeeper)\s.*Development.*\s\d+\s+0x/)
  })
  await test("it shows the dark pool's price and volume", async () => {
    await page.locator('#pool-note', { hasText: 'Cleared in block' }).waitFor()
    assert.match(await text(page, '#pool-price'), /^[\d,]+$/)
    assert.match(await text(page, '#pool-volume'), /^[\d,]+$/)
  })
  await test('it tells what happened in blocks, newest first, and nothing of sealed orders', async () => {
    await page.locator('#blocks li', { hasText: 'sealed command' }).first().waitFor()
    await page.locator('#blocks li', { hasText: 'vouched for by' }).first().waitFor()
    const heights = await page
      .locator('#blocks tr td:first-child')
      .evaluateAll((cells) => cells.map((cell) => Number(cell.textContent?.replaceAll(',', ''))))
    assert.ok(heights.length > 1 && heights.length <= 50)
    assert.deepEqual(
      heights,
      heights.toSorted((a, b) => b - a),
    )
    assert.doesNotMatch(await text(page, 'main'), /"limit"|"side"/)
  })
  await test('blocks come while one looks', async () => {
    const first = await text(page, '#height')
    await page.waitForFunction(
      (before) => document.getElementById('height')?.textContent !== before,
      first,
    )
    await page.waitForFunction(
      () =>
        document.querySelector('#blocks td')?.textContent ===
        document.getElementById('height')?.textContent,
    )
  })
  await test('no fault is shown', async () => assert.equal(await text(page, '#fault'), ''))
}

async function checkDrops(page: Page): Promise<void> {
  await checkReceipts(page)
  await checkBundles(page)
  await test('a file that is too large is refused unread', async () => {
    await choose(page, [upload('big.json', Buffer.alloc(4_000_001, 0x20))])
    await expectVerdict(page, 'rejected', /file_too_large.*\n.*4\.0 MB/)
  })
  await test('garbage is refused with its code', async () => {
    await choose(page, [upload('noise.bin', Buffer.from([0xff, 0, 1, 2]))])
    await expectVerdict(page, 'rejected', /file_unknown/)
    await choose(page, [upload('list.json', Buffer.from('{"a":[1]}'))])
    await expectVerdict(page, 'rejected', /file_unknown/)
  })
}

async function checkReceipts(page: Page): Promise<void> {
  const { receipt } = network
  if (receipt === undefined) return skip('receipts', 'TACIT_RECEIPT names none')
  const original = await readFile(receipt)
  await test('a receipt that is dropped is verified from the genesis hash', async () => {
    await drop(page, [upload('receipt.json', original)])
    await expectVerdict(page, 'accepted', /^VERIFIED receipt\.json[^]*Development[^]*rests on/)
  })
  const tampered: readonly [string, (json: Record<string, unknown>) => void, RegExp][] = [
    ['signature', (json) => flip(json, 'commitSignature'), /commit_signature_invalid/],
    ['commit', (json) => flip(json, 'commit'), /commit_mismatch|receipt_malformed/],
    ['genesis', (json) => flip(json, 'genesis', 2), /checkpoint_mismatch/],
    ['evidence', (json) => flip(json, 'evidence', 200), /evidence_mismatch/],
    ['field that is missing', (json) => delete json['proof'], /receipt_malformed.*\n.*proof/],
  ]
  for (const [what, change, code] of tampered) {
    await test(`a receipt with another ${what} is refused`, async () => {
      const json = JSON.parse(original.toString()) as Record<string, unknown>
      change(json)
      await choose(page, [upload('receipt.json', Buffer.from(JSON.stringify(json)))])
      await expectVerdict(page, 'rejected', code)
    })
  }
}

async function checkBundles(page: Page): Promise<void> {
  if (evidence === undefined) return skip('bundles', 'there is no real evidence here')
  const bundle = await uploadFrom(join(evidence, BUNDLE))
  const quote = await uploadFrom(join(evidence, QUOTE))
  await test('a bundle without its quote asks for it', async () => {
    await choose(page, [bundle])
    await expectVerdict(page, 'rejected', /quote_missing.*\n.*that file too/)
  })
  await test('a real bundle has expired, and held at its recorded time', async () => {
    await drop(page, [bundle, quote])
    await expectVerdict(page, 'rejected', /collateral_expired/)
    const button = page.locator('#verdict button')
    assert.equal(await button.innerText(), 'Verify as of 2025-06-25T00:00:00Z')
    await button.focus()
    await page.keyboard.press('Enter')
    await expectVerdict(page, 'accepted', /^ACCEPTED[^]*Intel SGX Root CA[^]*UpToDate/)
  })
  await checkEvidence(page, evidence)
  await test('a real bundle with a changed quote is refused', async () => {
    const changed = Buffer.from(quote.buffer)
    changed[200] = (changed[200] ?? 0) ^ 1
    await choose(page, [bundle, upload(quote.name, changed)])
    await expectVerdict(page, 'rejected', /REJECTED \[\w+\]/)
  })
}

/** Every format of every vendor, dropped as files. */
async function checkEvidence(page: Page, folder: string): Promise<void> {
  for (const [what, paths, said] of EVIDENCE) {
    await test(`${what} is verified`, async () => {
      await drop(page, await Promise.all(paths.map((path) => uploadFrom(join(folder, path)))))
      await page.locator('#verdict[data-state]').waitFor()
      const button = page.locator('#verdict button')
      if ((await button.count()) > 0) {
        await forgetVerdict(page)
        await button.click()
      }
      await expectVerdict(page, 'accepted', said)
    })
  }
  await test('a report without its certificate says what is missing', async () => {
    await drop(page, [await uploadFrom(join(folder, 'snp/gosev__attestation.bin'))])
    await expectVerdict(page, 'rejected', /endorsement_missing.*\n.*VCEK/)
  })
}

/** With a verdict on the page, as a visitor would see it. */
async function takePictures(page: Page): Promise<void> {
  await test('it fits a wide page and a phone, in light and dark', async () => {
    if (network.receipt !== undefined) {
      await choose(page, [await uploadFrom(network.receipt)])
      await expectVerdict(page, 'accepted', /VERIFIED/)
    }
    await page.screenshot({ path: join(OUT, 'page.png'), fullPage: true })
    await page.emulateMedia({ colorScheme: 'dark' })
    await page.screenshot({ path: join(OUT, 'page-dark.png'), fullPage: true })
    await page.setViewportSize({ width: 390, height: 844 })
    await page.screenshot({ path: join(OUT, 'page-narrow.png'), fullPage: true })
    const overflow = await page.evaluate(
      () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
    )
    assert.equal(overflow, 0)
  })
}

/** Pages that cannot work say why; none stays blank. */
async function checkFaults(): Promise<void> {
  const cases: readonly [string, string | undefined, RegExp][] = [
    ['another genesis', `0x${'12'.repeat(32)}`, /\[genesis_mismatch\].*reload/],
    ['no genesis', '0x', /\[config_malformed\]/],
    ['no configuration', undefined, /\[page_failed\]/],
  ]
  for (const [what, genesisHash, fault] of cases) {
    await test(`a page with ${what} says so`, async () => {
      const other = await browser.newPage()
      await other.route('**/config.json', async (route) => {
        if (genesisHash === undefined) return route.abort()
        const config = (await (await route.fetch()).json()) as object
        return route.fulfill({ json: { ...config, genesisHash } })
      })
      await other.goto(network.pageUrl)
      await other.locator('#status[data-state=lost]').waitFor()
      assert.match(await text(other, '#fault'), fault)
      await other.close()
    })
  }
  await test('the zone is reached and shown by keyboard', async () => {
    await page.bringToFront()
    await page.locator('#file').focus()
    const outline = await page
      .locator('#drop')
      .evaluate((zone) => [document.activeElement?.id, getComputedStyle(zone).borderStyle])
    assert.deepEqual(outline, ['file', 'dashed'])
    const chooser = page.waitForEvent('filechooser')
    await page.keyboard.press('Enter')
    assert.equal((await chooser).isMultiple(), true)
  })
}

async function checkLoss(page: Page): Promise<void> {
  if (!network.isOwn) return skip('loss of the node', 'the node is not ours to stop')
  await test('a node that goes away is said to be lost, with a code', async () => {
    await network.stop()
    await page.locator('#status[data-state=lost]').waitFor()
    assert.match(await text(page, '#status'), /^lost; trying again in \d+ s$/)
    assert.match(await text(page, '#fault'), /\[rpc_(disconnected|unreachable)\]/)
    assert.match(await text(page, '#pool-price'), /^[\d,]+$/)
  })
}

function text(page: Page, selector: string): Promise<string> {
  return page.locator(selector).innerText()
}

/** Chooses files as the keyboard's user would. */
async function choose(page: Page, files: readonly Upload[]): Promise<void> {
  await forgetVerdict(page)
  await page.locator('#file').setInputFiles([...files])
}

/** Drops files on the page as the mouse's user would. */
async function drop(page: Page, files: readonly Upload[]): Promise<void> {
  await forgetVerdict(page)
  const parts = files.map(({ name, buffer }) => ({ name, base64: buffer.toString('base64') }))
  const dataTransfer = await page.evaluateHandle((parts) => {
    const transfer = new DataTransfer()
    for (const { name, base64 } of parts) {
      const bytes = Uint8Array.from(atob(base64), (char) => char.charCodeAt(0))
      transfer.items.add(new File([bytes], name))
    }
    return transfer
  }, parts)
  await page.dispatchEvent('#drop', 'dragover', { dataTransfer })
  await page.dispatchEvent('#drop', 'drop', { dataTransfer })
}

/** So that a verdict that is waited for is a new one. */
async function forgetVerdict(page: Page): Promise<void> {
  await page.evaluate(() => document.getElementById('verdict')?.removeAttribute('data-state'))
}

async function expectVerdict(page: Page, state: string, pattern: RegExp): Promise<void> {
  await page.locator('#verdict[data-state]').waitFor()
  const said = await text(page, '#verdict')
  assert.match(said.replaceAll(/\n\n+/g, '\n'), pattern)
  assert.equal(await page.locator('#verdict').getAttribute('data-state'), state)
}

function upload(name: string, buffer: Buffer): Upload {
  return { name, mimeType: 'application/octet-stream', buffer }
}

async function uploadFrom(path: string): Promise<Upload> {
  return upload(basename(path), await readFile(path))
}

/** Changes a hex digit of a field, the last one if none is named. */
function flip(json: Record<string, unknown>, field: string, at: number = -1): void {
  const digits = [...String(json[field])]
  const place = at < 0 ? digits.length + at : at
  digits[place] = digits[place] === '0' ? '1' : '0'
  json[field] = digits.join('')
}
