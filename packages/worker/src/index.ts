export * from './observe.ts'
export * from './tee-server.ts'
export * from './worker.ts'
export * from './worker-error.ts'
