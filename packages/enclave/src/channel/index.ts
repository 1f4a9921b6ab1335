export * from './frames.ts'
export * from './json.ts'
export * from './params.ts'
export * from './peer.ts'
