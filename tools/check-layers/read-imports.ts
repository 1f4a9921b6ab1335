import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import type { Import } from './check.ts'

const STATEMENT = /(?:^|\n)\s*(?:import|export)\b[^'"`;]*?from\s*['"]([^'"]+)['"]/g
const BARE = /(?:^|\n)\s*import\s*['"]([^'"]+)['"]/g
const DYNAMIC = /\bimport\(\s*['"]([^'"]+)['"]\s*\)/g

/** Every import of every TypeScript file under a workspace's packages, apps and examples. */
export function readImports(root: string): Import[] {
  return ['packages', 'apps', 'examples']
    .flatMap((group) => listDirectory(join(root, group)))
    .flatMap(readPackage)
}

function readPackage(directory: string): Import[] {
  const manifest: { name: string; dependencies?: Record<string, string> } = JSON.parse(
    readFileSync(join(directory, 'package.json'), 'utf8'),
  )
  const declared = new Set(Object.keys(manifest.dependencies ?? {}))
  return listSources(directory).flatMap((file) =>
    specifiers(readFileSync(file, 'utf8')).map((to) => ({
      from: manifest.name,
      declared,
      isTest: /\.(test|test-d|e2e)\.ts$|\/(testing|e2e)\//.test(file),
      file,
      to,
    })),
  )
}

function specifiers(source: string): string[] {
  return [STATEMENT, BARE, DYNAMIC].flatMap((pattern) =>
    [...source.matchAll(pattern)].map((match) => match[1] ?? ''),
  )
}

function listDirectory(path: string): string[] {
  return readdirSync(path)
    .map((name) => join(path, name))
    .filter((entry) => statSync(entry).isDirectory())
}

function listSources(directory: string): string[] {
  return readdirSync(directory, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts') && !/(^|\/)(node_modules|dist)\//.test(name))
    .map((name) => join(directory, name))
}
