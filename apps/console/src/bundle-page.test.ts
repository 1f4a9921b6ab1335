import { gzipSync } from 'node:zlib'
import { expect, it } from 'vitest'
import { bundlePage } from './bundle-page.ts'

it('is one script for browsers, small enough for a first visit', async () => {
  const script = await bundlePage()
  // esbuild leaves an import of a built-in where it cannot resolve one for browsers.
  expect(new TextDecoder().decode(script)).not.toMatch(/["']node:|require\(["']|\bBuffer\./)
  expect(gzipSync(script).length).toBeLessThan(180_000)
})
