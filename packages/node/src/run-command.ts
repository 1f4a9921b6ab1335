import { keepCompiledCode } from './compile-cache.ts'
import { NodeError } from './errors.ts'
import { createRpcWorker } from './rpc/thread/create-worker.ts'
import { resolveSettings, type Resolved } from './settings/resolve-settings.ts'
import { nodeUsage } from './settings/usage.ts'

/**
 * Runs a node as a command line says, until a signal ends it; sets process.exitCode where it does
 * not start. The rules are loaded only once the settings are right: a mistake is told at once.
 * @param program what the command is called, for its help.
 */
export async function runCommand(program: string, args: readonly string[]): Promise<void> {
  try {
    const resolved = resolveSettings(args, process.env)
    if (resolved.action === 'help') return void process.stdout.write(nodeUsage(program))
    if (resolved.action === 'print-settings') return printSettings(resolved)
    const { dev, chainSpecPath } = resolved.settings
    if (!dev && chainSpecPath === undefined)
      throw new NodeError({ code: 'flag_invalid', flag: '--chain-spec', reason: CHAIN_NEEDED })
    keepCompiledCode()
    // Two threads load at once, which is most of what a start takes.
    const rpcThread = createRpcWorker()
    const { runProcess } = await import('./run-process.ts')
    await runProcess({ ...resolved.settings, rpcThread })
  } catch (fault) {
    const isSetting = fault instanceof NodeError && SETTING_FAULTS.has(fault.code)
    const text = fault instanceof NodeError ? `${fault.code}: ${fault.message}` : String(fault)
    process.stderr.write(`${text}\n`)
    process.exitCode = isSetting ? 2 : 1
  }
}

const CHAIN_NEEDED = 'is needed: name a chain, or make one for development with --dev'

const SETTING_FAULTS: ReadonlySet<NodeError['code']> = new Set([
  'flag_unknown',
  'flag_invalid',
  'config_unreadable',
] as const)

function printSettings({ settings, sources }: Resolved): void {
  const shown = { settings, sources }
  process.stdout.write(`${JSON.stringify(shown, undefined, 2)}\n`)
}
