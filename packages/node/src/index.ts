export { AUTHORITY_KEY_FILE } from './authority-key.ts'
export { startNode, type NodeOptions, type RunningNode } from './start-node.ts'
export {
  chainSpecToJson,
  developmentSpec,
  parseChainSpec,
  type ChainProperties,
  type ChainSpec,
  type ChainSpecError,
} from './chain-spec.ts'
export { NodeError, type NodeFault } from './errors.ts'
export { createLog, type Log, type LogLevel } from './log.ts'
export type { Chain, JustifiedBlock, PublishedBlock } from './chain.ts'
