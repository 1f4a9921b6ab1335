/** What the node calls itself to clients. */
export const NODE_NAME = 'Tacit Node'
export const NODE_VERSION = '0.1.0'
