export * from './package-definition.js';
export * from './grpc-client.js';
